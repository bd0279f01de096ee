"""Every combination is trained for a step and measured, or refused with a reason; nothing in between."""

import itertools
from pathlib import Path

import pytest

from recsys.build import build
from recsys.check import check
from recsys.compose import CONF, Request, build_config, groups, screen, session
from recsys.types import UserError

AXES = {axis: sorted(f.stem for f in (CONF / axis).glob("*.yaml")) for axis in ("model", "loss", "sampling")}
LABELS = {"click": "marketplace", "rating_threshold": "movielens_100k", "all_positive": "movielens_100k"}


def refusal(words: list[str]) -> str:
    request = Request("train", tuple(words))
    with session(request):
        parts = build(build_config(request, screen(request)), groups(request.folders))
    try:
        check(parts)
    except UserError as error:
        return "; ".join(error.problems)
    return ""


def expected(model: str, loss: str, sampling: str, label: str) -> set[str]:
    """Which choices have a need that is not met, worked out from what they are."""
    if model == "popularity":
        return set()
    reasons = set()
    if sampling == "in_batch" and model == "deepfm":
        reasons.add("sampling=in_batch needs a vector")
    if sampling == "none" and label == "all_positive":
        reasons.add("sampling=none needs rows labelled 0")
    if sampling == "none" and loss in ("bpr", "sampled_softmax"):
        reasons.add(f"loss={loss} needs several candidates")
    return reasons


@pytest.mark.parametrize(("model", "label"), [*itertools.product(AXES["model"], LABELS)])
def test_each_loss_and_sampler_fits_or_says_why_not(model: str, label: str, workplace: Path) -> None:
    for loss, sampling in itertools.product(AXES["loss"], AXES["sampling"]):
        words = [f"data={LABELS[label]}", f"label={label}", f"model={model}", f"loss={loss}"]
        reason = refusal([*words, f"sampling={sampling}"])
        wanted = expected(model, loss, sampling, label)
        assert bool(reason) == bool(wanted), (words, sampling, reason)
        for part in wanted:
            assert part in reason
    assert list(workplace.iterdir()) == []


ENCODERS = sorted(
    f"encoders/{f.parent.name}={f.stem}" for f in (CONF / "encoders").glob("*/*.yaml") if f.stem != "drop"
)


@pytest.mark.parametrize("choice", ENCODERS)
@pytest.mark.parametrize("model", ["two_tower", "deepfm", "graphsage", "mf"])
def test_each_encoder_fits_each_model(choice: str, model: str, workplace: Path) -> None:
    assert refusal([choice, f"model={model}"]) == ""


@pytest.mark.parametrize("split", sorted(f.stem for f in (CONF / "split").glob("*.yaml")))
@pytest.mark.parametrize("data", ["marketplace", "movielens_100k", "movielens_1m", "movielens_latest_small"])
def test_each_split_fits_each_source_with_time(split: str, data: str, workplace: Path) -> None:
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
