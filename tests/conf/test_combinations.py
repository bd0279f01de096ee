"""Every combination is trained for a step and measured, or refused with a reason; nothing in between."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from recsys import flow
from recsys.build import Parts, build
from recsys.check import check, refusals
from recsys.compose import CONF, Request, build_config, groups, screen, session
from recsys.ops.rows import select
from recsys.train.module import Recommender
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


FITTED = {
    "popularity",
    "trending",
    "random",
    "item_knn",
    "ease",
    "slim",
    "ials",
    "gf_cf",
    "bspm",
    "common_neighbours",
}
SAMPLED = {"lightgbm"}
"""Models that are fitted in one step on what sampling draws; the loss is not used."""
TOWERS = {"mf", "two_tower", "graphsage", "lightgcn", "sasrec", "gru4rec"}
SEQUENTIAL = {"sasrec", "gru4rec", "din"}
TASKS = {"shared_bottom", "mmoe", "ple"}
SHARED = {"in_batch", "mixed", "shared", "cross_batch", "hard"}
"""Samplers that score every user of a batch with the candidates of all, or all items."""
ALONE = {"none", "undersample", "oversample"}
"""Samplers whose rows have one candidate each."""
CLASSES = {"bce", "balanced_bce", "focal"}
OF_RANKS = {"lambdarank", "warp"}
"""Losses weighted by ranks, which jump as scores change: what falls is the sum under the ranks of a step."""
CELLS = {*CLASSES, "mse", "huber", "multi_task"}
"""Losses that read cells one by one; all others compare candidates of a row."""


def expected(model: str, loss: str, sampling: str, label: str) -> set[str]:
    """Which choices have a need that is not met, worked out from what they are."""
    if model in FITTED:
        return set()
    reasons = set()
    if model in SAMPLED:
        loss = "mse"
        if label == "regression" and (sampling in ALONE or sampling == "page"):
            reasons.add(f"model={model} needs labels of 0 and 1")
    if model in SEQUENTIAL:
        reasons.add(f"model={model} needs what each user took up before")
    if model in TASKS:
        reasons |= {f"model={model} needs a label of several tasks"}
        if loss != "multi_task":
            reasons.add(f"model={model} needs a loss for each task")
        if sampling not in ALONE:
            reasons.add(f"model={model} needs the labels of all tasks")
    if loss == "multi_task" and model not in TASKS:
        reasons.add("loss=multi_task needs a prediction for each task")
    if sampling in SHARED and model not in TOWERS:
        reasons.add(f"sampling={sampling} needs a vector")
    if loss == "infonce" and model not in TOWERS:
        reasons.add("loss=infonce needs a vector")
    shown = sampling in ("impressions", "page")
    if (sampling in ALONE or shown) and label == "all_positive":
        reasons.add(f"sampling={sampling} needs rows labelled 0")
    if (sampling in ("undersample", "oversample") or shown) and label == "regression":
        reasons.add(f"sampling={sampling} needs rows labelled 0")
    if sampling in ALONE and loss not in CELLS:
        reasons.add(f"loss={loss} needs several candidates")
    if label in ("regression", "graded") and (sampling in ALONE or sampling == "page") and loss in CLASSES:
        reasons.add(f"loss={loss} needs labels of 0 and 1")
    if label == "regression" and sampling not in ALONE and not shown:
        reasons.add(f"sampling={sampling} needs labels of 0 and 1")
    return reasons


def grid(base: Parts) -> Iterator[tuple[str, str, Parts]]:
    """Every loss with every sampler."""
    for loss, sampling in itertools.product(AXES["loss"], AXES["sampling"]):
        yield (
            loss,
            sampling,
            replace(
                base,
                loss=chosen("loss", loss).loss,
                sampling=chosen("sampling", sampling).sampling,
                choices={**base.choices, "loss": loss, "sampling": sampling},
            ),
        )


@pytest.mark.parametrize(("model", "label"), [*itertools.product(AXES["model"], LABELS)])
def test_each_loss_and_sampler_fits_or_says_why_not(model: str, label: str, workplace: Path) -> None:
    base = parts_of([f"data={LABELS[label]}", f"label={label}", f"model={model}"])
    for loss, sampling, parts in grid(base):
        reason = "; ".join(refusals(parts))
        wanted = expected(model, loss, sampling, label)
        assert bool(reason) == bool(wanted), (model, loss, sampling, reason)
        for part in wanted:
            assert part in reason
    assert list(workplace.iterdir()) == []


@pytest.mark.parametrize("label", LABELS)
def test_what_fits_is_rehearsed(label: str, workplace: Path) -> None:
    for model in ("mf", "deepfm"):
        for _, _, parts in grid(parts_of([f"data={LABELS[label]}", f"label={label}", f"model={model}"])):
            if not refusals(parts):
                assert reason_of(parts) == ""


@pytest.mark.parametrize("model", [model for model in AXES["model"] if model not in FITTED | SAMPLED])
def test_two_steps_of_every_valid_cell_lower_a_finite_loss(
    model: str, workplace: Path, tiny: list[str]
) -> None:
    words = [*tiny, f"model={model}", "batch_size=64"]
    words += ["features=[history]"] if model in SEQUENTIAL else []
    words += ["label=multi"] if model in TASKS else []
    base = parts_of(words)
    prepared = flow.prepare(base)
    trained = 0
    for loss, sampling, parts in grid(base):
        if not refusals(parts):
            before, after = two_steps(flow.assemble(parts, prepared.encoded, prepared.moments), prepared)
            assert np.isfinite([before, after]).all(), (loss, sampling)
            assert after < before or before == 0 or loss in OF_RANKS, (loss, sampling, before, after)
            trained += 1
    assert trained >= (len(ALONE) if model in TASKS else 30)


def two_steps(recommender: Recommender, prepared: flow.Prepared) -> tuple[float, float]:
    """The loss of one slate before and after two small steps down its gradient."""
    assert recommender.loss is not None
    assert recommender.sampler is not None
    rows = prepared.encoded.train
    if recommender.sampler.rows == "positive":
        rows = select(rows, (rows.label > 0).nonzero().squeeze(1))
    batch = select(rows, torch.arange(64))
    recommender.sampler.scorer = recommender.current(0)
    slate = recommender.sampler(batch, torch.Generator().manual_seed(0))
    slate = prepared.moments.of_slate(slate)
    learnt, values = list(recommender.parameters()), []
    for _ in range(3):
        torch.manual_seed(0)
        loss = recommender.loss(recommender.model.outputs(slate), slate)
        values.append(loss.item())
        slopes = torch.autograd.grad(loss, learnt, allow_unused=True)
        length = sum((slope**2).sum() for slope in slopes if slope is not None) ** 0.5
        with torch.no_grad():
            for parameter, slope in zip(learnt, slopes, strict=True):
                if slope is not None and length > 0:
                    parameter -= 0.01 * slope / length
    return values[0], values[-1]


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


OF_CONTEXT = {*AXES["model"]} - FITTED - {"mf", "graphsage", "lightgcn"}
"""Models that take what is known of the query's moment."""


REHEARSED = ("mf", "two_tower", "deepfm", "graphsage", "sasrec", "mmoe", "popularity")
"""Models that read encoded columns in different ways; the others are checked by their needs alone."""


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
    words = with_files(choice, tmp_path)
    history = [word for word in words if not word.startswith("features=")] + ["features=[history]"]
    tasks = [*words, "label=multi", "sampling=none", "loss=multi_task"]
    bases = [(SEQUENTIAL, history), (TASKS, tasks), ({*AXES["model"]} - SEQUENTIAL - TASKS, words)]
    for models, base in bases:
        plain = parts_of(base)
        for model in sorted(models):
            choices = {**plain.choices, "model": model}
            parts = replace(plain, model=chosen("model", model).model, choices=choices)
            room = "sequence" not in choice or model in OF_CONTEXT or model in FITTED
            reasons = "; ".join(refusals(parts))
            assert ("needs room for" in reasons) != room, (model, reasons)
            assert reasons == "" or not room
            assert model not in REHEARSED or not room or reason_of(parts) == ""


@pytest.mark.parametrize(
    "split", sorted({f.stem for f in (CONF / "split").glob("*.yaml")} - {"given", "unbiased", "links"})
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


def test_the_split_of_links_fits_users_who_are_items(workplace: Path) -> None:
    assert refusal(["data=lastfm_friends"]) == ""
    assert "split=links needs items that are the users" in refusal(["split=links"])
