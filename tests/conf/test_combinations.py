"""Every combination is trained for a step and measured, or refused with a reason; nothing in between."""

import itertools
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from recsys.build import Parts, build
from recsys.check import check
from recsys.compose import CONF, Request, build_config, groups, screen, session
from recsys.types import UserError

AXES = {axis: sorted(f.stem for f in (CONF / axis).glob("*.yaml")) for axis in ("model", "loss", "sampling")}
LABELS = {
    "click": "marketplace",
    "regression": "marketplace",
    "graded": "marketplace",
    "session": "marketplace",
    "weighted_events": "marketplace",
    "rating_threshold": "movielens_100k",
    "all_positive": "movielens_100k",
}


def parts_of(words: list[str]) -> Parts:
    request = Request("train", tuple(words))
    with session(request):
        return build(build_config(request, screen(request)), groups(request.folders))


def reason_of(parts: Parts) -> str:
    try:
        check(parts)
    except UserError as error:
        return "; ".join(error.problems)
    return ""


def refusal(words: list[str]) -> str:
    return reason_of(parts_of(words))


@cache
def chosen(axis: str, choice: str) -> Parts:
    return parts_of([f"{axis}={choice}"])


def expected(model: str, loss: str, sampling: str, label: str) -> set[str]:
    """Which choices have a need that is not met, worked out from what they are."""
    if model == "popularity":
        return set()
    reasons = set()
    if sampling == "in_batch" and model == "deepfm":
        reasons.add("sampling=in_batch needs a vector")
    alone = sampling in ("none", "undersample")
    if (alone and label == "all_positive") or (sampling == "undersample" and label == "regression"):
        reasons.add(f"sampling={sampling} needs rows labelled 0")
    if alone and loss in ("bpr", "sampled_softmax"):
        reasons.add(f"loss={loss} needs several candidates")
    if label in ("regression", "graded") and alone and loss in ("bce", "balanced_bce", "focal"):
        reasons.add(f"loss={loss} needs labels of 0 and 1")
    if label == "regression" and not alone:
        reasons.add(f"sampling={sampling} needs labels of 0 and 1")
    return reasons


@pytest.mark.parametrize(("model", "label"), [*itertools.product(AXES["model"], LABELS)])
def test_each_loss_and_sampler_fits_or_says_why_not(model: str, label: str, workplace: Path) -> None:
    base = parts_of([f"data={LABELS[label]}", f"label={label}", f"model={model}"])
    for loss, sampling in itertools.product(AXES["loss"], AXES["sampling"]):
        parts = replace(
            base,
            loss=chosen("loss", loss).loss,
            sampling=chosen("sampling", sampling).sampling,
            choices={**base.choices, "loss": loss, "sampling": sampling},
        )
        reason = reason_of(parts)
        wanted = expected(model, loss, sampling, label)
        assert bool(reason) == bool(wanted), (model, loss, sampling, reason)
        for part in wanted:
            assert part in reason
    assert list(workplace.iterdir()) == []


def test_metrics_of_classes_and_of_amounts_are_refused_by_each_other(workplace: Path) -> None:
    amounts = ["label=regression", "sampling=none", "loss=mse"]
    assert refusal([*amounts, "metrics=regression"]) == ""
    assert "metrics=classification needs rows labelled 0" in refusal([*amounts, "metrics=classification"])
    assert "metrics=regression needs labels that are amounts" in refusal(["metrics=regression"])
    parts = parts_of([*amounts, "metrics=all"])
    assert list(parts.metrics) == ["ranking"]
    assert "classification" in "; ".join(parts.remarks)


ENCODERS = sorted(
    f"encoders/{f.parent.name}={f.stem}"
    for f in (CONF / "encoders").glob("*/*.yaml")
    if f.stem not in ("drop", "sentence")
)
"""A sentence encoder needs a package and a model: tests/encoders/test_sentence.py."""


OF_CONTEXT = ("two_tower", "deepfm")
"""Models that take what is known of the query's moment."""


def with_files(choice: str, folder: Path) -> list[str]:
    """The choice, and the files that it reads."""
    axis, _, name = choice.partition("=")
    key = axis.replace("/", ".")
    if name not in ("precomputed", "pretrained"):
        return [choice, "features=[history]"] if "sequence" in axis else [choice]
    np.save(folder / "vectors.npy", np.eye(3))
    (folder / "ids.txt").write_text("k0\nk1\nc2\n")
    words = [choice, f"{key}.path={folder}/vectors.npy", f"{key}.ids={folder}/ids.txt"]
    network = [f"{key}.module=torch.nn.Linear", f"{key}.arguments={{in_features:3,out_features:2}}"]
    return words + network if name == "pretrained" else words


@pytest.mark.parametrize("choice", ENCODERS)
def test_each_encoder_fits_each_model(choice: str, workplace: Path, tmp_path: Path) -> None:
    base = parts_of(with_files(choice, tmp_path))
    for model in AXES["model"]:
        parts = replace(base, model=chosen("model", model).model, choices={**base.choices, "model": model})
        room = "sequence" not in choice or model in (*OF_CONTEXT, "popularity")
        assert ("needs room for" in reason_of(parts)) != room, (model, reason_of(parts))
        assert reason_of(parts) == "" or not room


@pytest.mark.parametrize(
    "split", sorted({f.stem for f in (CONF / "split").glob("*.yaml")} - {"given", "unbiased"})
)
def test_each_split_fits_each_source_with_time(split: str, workplace: Path) -> None:
    for data in ("marketplace", "movielens_100k", "movielens_1m", "movielens_latest_small"):
        assert refusal([f"data={data}", f"split={split}"]) == ""


def test_a_split_by_time_is_refused_without_time(workplace: Path) -> None:
    columns = "data.columns={user:{u:id},item:{i:id}}"
    words = ["data=table", "data.events=log.csv", columns, "model=mf"]
    for split in ("temporal", "leave_last_out", "rolling"):
        assert f"split={split} needs a time for each event" in refusal([*words, f"split={split}"])
    assert "split=new_items needs" in refusal([*words, "split=new_items", "split.by=time"])
    for split in ("random", "new_users", "new_items"):
        assert refusal([*words, f"split={split}"]) == ""


@pytest.mark.parametrize("candidates", ["unseen", "all", "new_items", "impressions"])
def test_each_kind_of_candidates_can_be_asked_for_in_training(candidates: str, workplace: Path) -> None:
    assert refusal([f"eval.candidates={candidates}"]) == ""


def test_the_given_split_fits_sources_that_have_one(workplace: Path) -> None:
    for data in ("gowalla", "yelp2018", "lastfm", "frappe_x1"):
        assert refusal([f"data={data}"]) == ""
    assert "split=given needs the publisher's own split" in refusal(["data=movielens_100k", "split=given"])


@pytest.mark.parametrize("data", ["steam", "retailrocket", "frappe", "movielens_10m", "movielens_32m"])
def test_a_source_fits_the_label_and_split_that_it_chooses(data: str, workplace: Path) -> None:
    assert refusal([f"data={data}"]) == ""


@pytest.mark.parametrize("data", ["coat", "open_bandit"])
def test_a_test_of_random_exposure_fits_the_sources_that_have_one(data: str, workplace: Path) -> None:
    assert refusal([f"data={data}", "split=unbiased"]) == ""
    wanted = "split=unbiased needs events whose items were shown at random"
    assert wanted in refusal(["data=movielens_100k", "split=unbiased"])
    assert wanted in refusal(["data=open_bandit", "data.policy=bts", "split=unbiased"])


OTHERS = ("amazon_reviews", "avazu", "census_income", "ciao", "criteo", "foursquare_nyc", "kuairand")


@pytest.mark.parametrize("data", OTHERS)
def test_a_source_fits_the_label_split_and_sampling_that_it_chooses(data: str, workplace: Path) -> None:
    files = ["data.files=Books.csv"] if data == "amazon_reviews" else []
    assert refusal([f"data={data}", "model=deepfm", *files]) == ""


def test_models_that_read_ids_say_so_when_ids_are_dropped(workplace: Path) -> None:
    assert "encoders/id=embedding" in refusal(["model=mf", "encoders/id=drop"])
    assert refusal(["model=two_tower", "encoders/id=drop"]) == ""
