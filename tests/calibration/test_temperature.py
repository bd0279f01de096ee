"""Independent source: scipy's scalar minimiser on the negative log likelihood, written with numpy."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from torch import Tensor

from recsys.calibration.temperature import Temperature

Simulate = Callable[..., tuple[Tensor, Tensor]]


def temperature(logit: np.ndarray, target: np.ndarray) -> float:
    def loss(value: float) -> float:
        return float(np.mean(np.logaddexp(0, logit / value) - target * logit / value))

    return float(minimize_scalar(loss, bounds=(0.05, 50), method="bounded", options={"xatol": 1e-9}).x)


@pytest.mark.parametrize("true", [0.5, 1.0, 4.0])
def test_it_maximises_the_likelihood(simulate: Simulate, true: float) -> None:
    logit, label = simulate(5000)
    state = Temperature().fit(true * logit, label, odds=1.0)
    positives, negatives = float(label.sum()), float((1 - label).sum())
    smooth = np.where(label.numpy() > 0, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    fitted = 1 / state["inverse_temperature"]
    assert fitted == pytest.approx(temperature(true * logit.numpy(), smooth), rel=1e-5)
    assert fitted == pytest.approx(temperature(true * logit.numpy(), label.numpy()), rel=2e-2)
    assert fitted == pytest.approx(true, rel=0.1)


def test_half_stays_half(simulate: Simulate) -> None:
    logit, label = simulate(1000)
    state = Temperature().fit(logit + 3, label, odds=1.0)
    assert Temperature().apply(0 * logit, state).abs().max() == 0


def test_scores_that_tell_nothing_get_an_infinite_temperature(simulate: Simulate) -> None:
    logit, label = simulate(1000, mean=0.0)
    assert Temperature().fit(-logit, label, odds=1.0) == {"inverse_temperature": 0.0}
