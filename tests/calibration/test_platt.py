"""Independent source: scikit-learn's `_SigmoidCalibration`, and its logistic regression without a penalty."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from sklearn.calibration import _SigmoidCalibration  # pyright: ignore
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from recsys.calibration.platt import Platt

Simulate = Callable[..., tuple[Tensor, Tensor]]
SCORES = [(1.0, 0.0), (3.0, 2.0), (0.2, -5.0), (12.0, 1.0)]


def logistic(logit: Tensor, high: float, low: float, label: Tensor) -> tuple[float, float]:
    """Slope and intercept for soft targets: each row stands as a positive and as a negative, weighted."""
    target = torch.where(label > 0, high, low)
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12, max_iter=500)
    rows = torch.cat([logit, logit])[:, None].numpy()
    labels = np.repeat([1, 0], len(logit))
    model.fit(rows, labels, sample_weight=torch.cat([target, 1 - target]).numpy())
    return float(model.coef_[0, 0]), float(model.intercept_[0])


@pytest.mark.parametrize(("scale", "shift"), SCORES)
def test_slope_and_intercept_are_those_of_scikit_learn(simulate: Simulate, scale: float, shift: float) -> None:
    true, label = simulate(3000)
    logit = scale * true + shift
    state = Platt().fit(logit, label, odds=1.0)
    peer = _SigmoidCalibration().fit(logit.numpy(), label.numpy())
    assert state["slope"] == pytest.approx(-peer.a_, rel=1e-3)
    assert state["intercept"] == pytest.approx(-peer.b_, rel=1e-2, abs=1e-3)
    positives, negatives = float(label.sum()), float((1 - label).sum())
    slope, intercept = logistic(logit, (positives + 1) / (positives + 2), 1 / (negatives + 2), label)
    assert state["slope"] == pytest.approx(slope, rel=1e-6)
    assert state["intercept"] == pytest.approx(intercept, rel=1e-6)


def test_with_many_rows_smoothing_makes_no_difference(simulate: Simulate) -> None:
    true, label = simulate(50_000)
    state = Platt().fit(2 * true, label, odds=1.0)
    slope, intercept = logistic(2 * true, 1.0, 0.0, label)
    assert state["slope"] == pytest.approx(slope, rel=2e-3)
    assert state["intercept"] == pytest.approx(intercept, rel=2e-2, abs=2e-3)


def test_the_line_that_distorted_the_scores_is_undone(simulate: Simulate) -> None:
    true, label = simulate(100_000)
    state = Platt().fit(2 * true + 3, label, odds=1.0)
    assert state["slope"] == pytest.approx(0.5, rel=0.03)
    assert state["intercept"] == pytest.approx(-1.5, rel=0.03)


def test_two_scores_that_part_the_labels_get_the_smoothed_targets() -> None:
    logit, label = torch.tensor([[-50.0, 0.0], [50.0, 1.0]], dtype=torch.float64).unbind(1)
    after = Platt().apply(logit, Platt().fit(logit, label, odds=1.0))
    assert after.sigmoid().tolist() == pytest.approx([1 / 3, 2 / 3])


def test_scores_that_tell_the_wrong_way_get_the_share_of_positives() -> None:
    logit, label = torch.tensor([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]], dtype=torch.float64).unbind(1)
    state = Platt().fit(logit, label, odds=1.0)
    mean = (2 / 3 + 1 / 4 + 1 / 4) / 3
    assert state["slope"] == 0
    assert state["intercept"] == pytest.approx(math.log(mean / (1 - mean)))
