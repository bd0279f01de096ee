"""Independent source: the vectors that a run wrote, multiplied by hand; the log, read row by row."""

import math
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import torch

from recsys.commands import main
from recsys.features.first_stage import FirstStage
from recsys.types import History


def history(keys: dict[str, list[str]]) -> History:
    """User 0 takes up item 0 at 10 and item 2 at 20; user 1 looks at item 1 at 15 and takes up nothing."""
    return History(
        user=torch.tensor([0, 1, 0]),
        item=torch.tensor([0, 1, 2]),
        time=torch.tensor([10, 15, 20]),
        label=torch.tensor([1.0, 0.0, 1.0]),
        n_users=2,
        n_items=3,
        cutoff=20,
        keys={side: pl.Series(values) for side, values in keys.items()},
    )


USERS = {"b": [1.0, 2.0], "a": [0.5, -1.0]}
ITEMS = {"y": [3.0, 1.0], "x": [1.0, 0.0]}


def written(folder: Path) -> FirstStage:
    for side, rows in (("user", USERS), ("item", ITEMS)):
        frame = pl.DataFrame({"id": list(rows), "vector": list(rows.values())})
        frame.write_parquet(folder / f"{side}_vectors.parquet")
    return FirstStage(run=str(folder), length=2)


def asked(feature: FirstStage, user: int, item: int, time: int) -> dict[str, float]:
    index = feature.index(history({"user": ["a", "b"], "item": ["x", "unknown", "y"]}))
    triple = (torch.tensor([value]) for value in (user, item, time))
    return {name: values.item() for name, values in feature.answer(index, "cross", *triple).items()}


def test_the_score_is_the_product_of_the_vectors_of_the_ids(tmp_path: Path) -> None:
    assert asked(written(tmp_path), 0, 2, 5)["first_stage_score"] == pytest.approx(0.5 * 3 - 1.0 * 1)
    assert asked(written(tmp_path), 1, 0, 5)["first_stage_score"] == pytest.approx(1.0)


def test_history_is_what_was_taken_up_before_the_moment(tmp_path: Path) -> None:
    feature = written(tmp_path)
    assert math.isnan(asked(feature, 0, 2, 10)["first_stage_history"])
    assert asked(feature, 0, 2, 11)["first_stage_history"] == pytest.approx(1.0 * 3 + 0.0 * 1)
    mean = [(1.0 + 3.0) / 2, (0.0 + 1.0) / 2]
    assert asked(feature, 0, 2, 21)["first_stage_history"] == pytest.approx(mean[0] * 3 + mean[1] * 1)
    assert math.isnan(asked(feature, 1, 2, 21)["first_stage_history"])


def test_who_and_what_the_first_stage_did_not_know_has_no_score(tmp_path: Path) -> None:
    for user, item in ((0, 1), (-1, 0), (0, 7)):
        assert math.isnan(asked(written(tmp_path), user, item, 30)["first_stage_score"])


def test_a_ranker_is_trained_on_the_scores_of_a_retrieval_run(
    workplace: Path, tiny: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    short = [*tiny, "trainer.max_epochs=1", "eval.bootstrap=0"]
    assert main(["train", *short, "model=mf", "eval.vectors=true", "hydra.run.dir=first"]) == 0
    frame = pl.read_parquet("first/item_vectors.parquet")
    assert frame.columns == ["id", "vector"]
    ranker = [*short, "model=deepfm", "features=[first_stage]", "features.first_stage.run=first"]
    assert main(["train", *ranker, "hydra.run.dir=second"]) == 0
    capsys.readouterr()
    assert main(["train", *ranker[:-1], "features.first_stage.run=nothing", "hydra.run.dir=third"]) == 2
    assert "there is no such file" in capsys.readouterr().err
    assert main(["check", *short, "model=deepfm", "eval.vectors=true"]) == 2
    assert "eval.vectors=true needs a vector for each user and for each item" in capsys.readouterr().out


def test_where_nothing_was_taken_up_there_is_no_history(tmp_path: Path) -> None:
    feature = written(tmp_path)
    nobody = replace(history({"user": ["a", "b"], "item": ["x", "unknown", "y"]}), label=torch.zeros(3))
    triple = (torch.tensor([value]) for value in (0, 2, 21))
    found = feature.answer(feature.index(nobody), "cross", *triple)
    assert found["first_stage_score"].item() == pytest.approx(0.5)
    assert math.isnan(found["first_stage_history"].item())
