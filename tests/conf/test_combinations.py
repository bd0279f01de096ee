"""Every combination is trained for a step and measured, or refused with a reason; nothing in between."""

import itertools
from dataclasses import replace
from functools import cache
from pathlib import Path

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
    f"encoders/{f.parent.name}={f.stem}" for f in (CONF / "encoders").glob("*/*.yaml") if f.stem != "drop"
)


@pytest.mark.parametrize("choice", ENCODERS)
def test_each_encoder_fits_each_model(choice: str, workplace: Path) -> None:
    base = parts_of([choice])
    for model in AXES["model"]:
        parts = replace(base, model=chosen("model", model).model, choices={**base.choices, "model": model})
        assert reason_of(parts) == ""


@pytest.mark.parametrize("split", sorted(f.stem for f in (CONF / "split").glob("*.yaml")))
def test_each_split_fits_each_source_with_time(split: str, workplace: Path) -> None:
    for data in ("marketplace", "movielens_100k", "movielens_1m", "movielens_latest_small"):
        assert refusal([f"data={data}", f"split={split}"]) == ""


def test_a_split_by_time_is_refused_without_time(workplace: Path) -> None:
    columns = "data.columns={user:{u:id},item:{i:id}}"
    for split in ("temporal", "leave_last_out"):
        words = ["data=table", "data.events=log.csv", columns, f"split={split}", "model=mf"]
        assert f"split={split} needs a time for each event" in refusal(words)
    assert refusal(["data=table", "data.events=log.csv", columns, "split=random", "model=mf"]) == ""


def test_models_that_read_ids_say_so_when_ids_are_dropped(workplace: Path) -> None:
    assert "encoders/id=embedding" in refusal(["model=mf", "encoders/id=drop"])
    assert refusal(["model=two_tower", "encoders/id=drop"]) == ""
