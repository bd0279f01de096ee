"""Independent source: scipy's bounded minimiser on the likelihood of Kull et al. 2017, written with numpy."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from torch import Tensor

from recsys.calibration.beta import Beta

Simulate = Callable[..., tuple[Tensor, Tensor]]


def loss_of(logit: np.ndarray, label: np.ndarray) -> Callable[[np.ndarray], float]:
    p = 1 / (1 + np.exp(-logit))
    positives, negatives = label.sum(), (1 - label).sum()
    target = np.where(label > 0, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(weights: np.ndarray) -> float:
        a, b, c = weights
        odds = np.exp(c) * p**a / (1 - p) ** b
        q = odds / (1 + odds)
        return float(-np.mean(target * np.log(q) + (1 - target) * np.log(1 - q)))

    return loss


def best(loss: Callable[[np.ndarray], float]) -> np.ndarray:
    bounds = [(0, None), (0, None), (None, None)]
    found = minimize(
        loss, [1.0, 1.0, 0.0], method="SLSQP", bounds=bounds, options={"ftol": 1e-14, "maxiter": 1000}
    )
    return found.x


def bent(logit: Tensor) -> Tensor:
    return 0.3 * logit.clamp_max(0) + 2 * logit.clamp_min(0)


def valley(logit: Tensor) -> Tensor:
    return logit.abs() * 2 - 2


@pytest.mark.parametrize("curve", [lambda x: x, bent, lambda x: x / 3 - 2, valley, lambda x: -valley(x)])
def test_it_maximises_the_likelihood_within_the_bounds(
    simulate: Simulate, curve: Callable[[Tensor], Tensor]
) -> None:
    score, _ = simulate(3000, mean=0.3)
    generator = torch.Generator().manual_seed(2)
    drawn = torch.rand(len(score), generator=generator, dtype=torch.float64)
    label = (drawn < curve(score).sigmoid()).double()
    state = Beta().fit(score, label, odds=1.0)
    loss = loss_of(score.numpy(), label.numpy())
    ours, peer = np.array([state["a"], state["b"], state["c"]]), best(loss)
    assert min(state["a"], state["b"]) >= 0
    assert loss(ours) <= loss(peer) + 1e-10
    assert ours == pytest.approx(peer, abs=2e-3)


def test_a_known_beta_curve_is_undone(simulate: Simulate) -> None:
    score, _ = simulate(200_000, mean=0.0)
    p = score.sigmoid()
    true = (0.5 * p.log() - 2 * (1 - p).log() - 1).sigmoid()
    label = (torch.rand(len(p), generator=torch.Generator().manual_seed(3)) < true).double()
    state = Beta().fit(score, label, odds=1.0)
    assert [state["a"], state["b"], state["c"]] == pytest.approx([0.5, 2.0, -1.0], abs=0.05)


def test_far_scores_are_on_straight_lines() -> None:
    logit = torch.tensor([-100.0, -99.0, 99.0, 100.0], dtype=torch.float64)
    after = Beta().apply(logit, {"a": 0.5, "b": 2.0, "c": 1.0}).tolist()
    assert after == pytest.approx([-49.0, -48.5, 199.0, 201.0])
    assert all(low < high for low, high in pairwise(after))
