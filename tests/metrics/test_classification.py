"""Independent source: scikit-learn, and the log loss by hand."""

import math

import pytest
import torch
from sklearn.metrics import average_precision_score, f1_score, log_loss, roc_auc_score

from recsys.metrics.classification import Classification
from recsys.types import Predictions, UserError


def predictions(logit: list[float] | torch.Tensor, label: list[float] | torch.Tensor) -> Predictions:
    logit, label = torch.as_tensor(logit), torch.as_tensor(label)
    return Predictions(logit=logit, label=label, user=torch.zeros(len(logit), dtype=torch.int64))


@pytest.mark.parametrize("threshold", [0.2, 0.5])
@pytest.mark.parametrize("levels", [2, 5, 10_000], ids=["two scores", "many ties", "few ties"])
@pytest.mark.parametrize("seed", range(3))
def test_values_are_those_of_scikit_learn(seed: int, levels: int, threshold: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    logit = torch.randint(0, levels, (300,), generator=generator).float() / levels * 8 - 4
    label = (torch.rand(300, generator=generator) < (logit / 2).sigmoid()).float()
    values = Classification(threshold=threshold).measure(predictions(logit, label)).values
    chance = logit.double().sigmoid().numpy()
    truth = label.numpy()
    assert values == pytest.approx(
        {
            "roc_auc": roc_auc_score(truth, chance),
            "pr_auc": average_precision_score(truth, chance),
            "log_loss": log_loss(truth, chance),
            "f1": f1_score(truth, chance >= threshold),
        },
        abs=1e-6,
    )


def test_equal_scores_are_worth_a_half() -> None:
    values = Classification().measure(predictions([1.0] * 6, [1.0, 0.0, 0.0] * 2)).values
    assert values["roc_auc"] == pytest.approx(0.5)
    assert values["pr_auc"] == pytest.approx(1 / 3)


def test_scores_whose_sigmoid_is_one_still_differ() -> None:
    values = Classification().measure(predictions([80.0, 70.0, 60.0, 50.0], [1.0, 1.0, 0.0, 0.0])).values
    assert values["roc_auc"] == values["pr_auc"] == 1


def test_a_logit_of_100_on_the_wrong_side_costs_100() -> None:
    values = Classification().measure(predictions([100.0, -100.0, 0.0], [0.0, 1.0, 1.0])).values
    assert values["log_loss"] == pytest.approx((200 + math.log(2)) / 3)


def test_the_threshold_itself_is_called_positive() -> None:
    values = Classification(threshold=0.5).measure(predictions([0.0, -1.0], [1.0, 0.0])).values
    assert values["f1"] == 1


def test_nobody_called_positive_has_f1_zero() -> None:
    assert Classification().measure(predictions([-2.0, -1.0], [1.0, 0.0])).values["f1"] == 0


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_one_class_alone_is_refused(label: float) -> None:
    with pytest.raises(UserError, match=f"labelled {label:.0f}; hold out more, or choose metrics=ranking"):
        Classification().measure(predictions([0.0, 1.0], [label, label]))


def test_scores_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(UserError, match="not a number"):
        Classification().measure(predictions([0.0, math.nan], [1.0, 0.0]))


def test_the_log_loss_alone_is_better_when_lower() -> None:
    metrics = Classification()
    assert [name for name in metrics.names if not metrics.higher_is_better(name)] == ["log_loss"]
    assert list(metrics.measure(predictions([0.0, 1.0], [0.0, 1.0])).values) == metrics.names
