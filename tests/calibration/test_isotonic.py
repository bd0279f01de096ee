"""Independent source: scikit-learn's IsotonicRegression over the rows and the two that are added; by hand."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from sklearn.isotonic import IsotonicRegression
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from recsys.calibration.isotonic import Isotonic

Simulate = Callable[..., tuple[Tensor, Tensor]]


@pytest.mark.parametrize("digits", [0, 1, 8])
def test_at_the_rows_it_is_that_of_scikit_learn(simulate: Simulate, digits: int) -> None:
    logit, label = simulate(2000)
    logit = logit.round(decimals=digits)
    ours = Isotonic().apply(logit, Isotonic().fit(logit, label, odds=1.0)).sigmoid()
    scores = np.concatenate([[-1e3], logit.numpy(), [1e3]])
    labels = np.concatenate([[1.0], label.numpy(), [0.0]])
    peer = IsotonicRegression().fit_transform(scores, labels)[1:-1]
    assert ours.numpy() == pytest.approx(peer, abs=1e-9)


def test_two_steps_by_hand() -> None:
    logit = torch.tensor([0.0, 1.0, 2.0, 3.0], dtype=torch.float64)
    state = Isotonic().fit(logit, (logit > 1).double(), odds=1.0)
    # With the added rows: 1 0 0 | 1 1 0.
    assert state["at"] == [0.0, 1.0, 2.0, 3.0]
    assert state["to"] == pytest.approx([-math.log(2), -math.log(2), math.log(2), math.log(2)])
    asked = torch.tensor([-9.0, 0.5, 1.25, 1.5, 2.5, 9.0], dtype=torch.float64)
    expected = [value * math.log(2) for value in (-1, -1, -0.5, 0, 1, 1)]
    assert Isotonic().apply(asked, state).tolist() == pytest.approx(expected, abs=1e-12)


def test_scores_that_tell_the_wrong_way_become_one_step() -> None:
    logit = torch.tensor([0.0, 1.0, 2.0], dtype=torch.float64)
    state = Isotonic().fit(logit, (logit < 1).double(), odds=1.0)
    assert Isotonic().apply(logit, state).sigmoid().tolist() == pytest.approx([2 / 5] * 3)


def test_the_log_loss_is_finite_where_only_unseen_scores_are_wrong() -> None:
    logit = torch.linspace(-4, 4, 100, dtype=torch.float64)
    state = Isotonic().fit(logit, (logit > 0).double(), odds=1.0)
    wrong = binary_cross_entropy_with_logits(Isotonic().apply(logit, state), (logit < 0).double())
    # 50 negatives and the added positive in the lower step: p = 1 / 51 there, 50 / 51 above.
    assert float(wrong) == pytest.approx(math.log(51))
