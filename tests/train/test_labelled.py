"""Labelled rows: which of them are measured."""

import math
from dataclasses import replace

import pytest
import torch

from recsys.metrics.classification import Classification
from recsys.metrics.regression import Regression
from recsys.ops import statistics
from recsys.train.evaluator import Evaluator
from recsys.train.labelled import Labelled
from recsys.types import Encoded, Facts, HoldoutRows, Predictions, Protocol, Schema, TrainRows, UserError


def seen(logits: list[float]) -> Labelled:
    schema = Schema(5, 5, ())
    one = torch.tensor([2])
    rows, held = TrainRows(one, one, torch.ones(1)), HoldoutRows(one, one, torch.ones(1))
    facts = Facts(statistics.count(rows, schema), statistics.link(rows, schema))
    encoded = Encoded(schema, rows, held, held)
    labelled = Labelled(
        Evaluator({"classification": Classification()}, Protocol(), encoded, facts, {}),
        "test",
        [],
        details=False,
    )
    label = torch.tensor([1.0, 0.0, 1.0, 0.0])
    labelled.see({"": Predictions(torch.tensor(logits), label, torch.arange(4), torch.arange(4))})
    return labelled


def test_rows_that_have_no_score_are_left_out() -> None:
    labelled = seen([2.0, -math.inf, -1.0, 0.0])
    assert labelled.predictions.user.tolist() == [0, 2, 3]
    assert labelled.conclude()["classification"].values["roc_auc"] == 0.5


def test_scores_that_are_no_numbers_are_not_left_out_but_refused() -> None:
    with pytest.raises(UserError, match="not a number"):
        seen([2.0, math.nan, -1.0, 0.0]).conclude()


def tasks(label: list[float]) -> dict[str, Predictions]:
    first, ids = torch.tensor([1.0, 0.0, 1.0, 0.0]), torch.arange(4)
    logit = torch.tensor([2.0, 1.0, 0.5, 0.0])
    return {"": Predictions(logit, first, ids, ids), "share": Predictions(logit, torch.tensor(label), ids, ids)}


def test_a_further_task_with_one_class_is_named() -> None:
    labelled = seen([2.0, 1.0, 0.5, 0.0])
    labelled.blocks = {task: [block] for task, block in tasks([0.0] * 4).items()}
    with pytest.raises(
        UserError, match=r"task share: metrics\.classification: all held-out rows are labelled 0"
    ):
        labelled.conclude()


def test_classes_beside_an_amount_are_not_measured_as_amounts() -> None:
    labelled = seen([2.0, 1.0, 0.5, 0.0])
    labelled.blocks = {task: [block] for task, block in tasks([0.0, 1.0, 1.0, 0.0]).items()}
    families = {"classification": Classification(), "regression": Regression()}
    labelled.evaluator = replace(labelled.evaluator, metrics=families)
    names = {family: measured.values for family, measured in labelled.conclude().items()}
    assert {name for name in names["regression"] if "/" in name} == set()
    assert names["classification"]["share/roc_auc"] == 0.5
