"""Tests of whether two models differ, from the differences of the users that both were measured on."""

import math
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from recsys.ops.uncertainty import resample


def paired_bootstrap(difference: Tensor, *, samples: int = 1000, seed: int = 0) -> float:
    """Two-sided p of a mean difference of 0: the studentized bootstrap, shifted to the null.

    With t = mean / standard deviation, and t* the same of users resampled from the differences less their
    mean: p = (1 + number of |t*| >= |t|) / (1 + B) (Efron and Tibshirani 1993, section 16.4). It is never
    below 2^(1 - n), what n users who all say the same can show.

    Args:
        difference: `[n]`, one of each user; NaN where a user has none.
    """
    values = _present(difference)
    n = len(values)
    centre = float(values.mean()) if n else 0.0
    if n < 2 or not bool(values.any()):
        return 1.0
    shifted = values - centre
    both = torch.stack([shifted, shifted.square()], 1)
    spread = float(both[:, 1].mean())
    as_far = 0
    for weights in resample(n, samples, seed):
        mean, square = ((weights @ both) / n).unbind(1)
        # |t*| >= |t| without a division by a spread that may be 0; equal up to rounding counts as equal.
        as_far += int((mean.square() * spread >= centre**2 * (square - mean.square()) * (1 - 1e-9)).sum())
    if spread <= 1e-24 * centre**2:
        as_far = 0
    return max((1 + as_far) / (1 + samples), 2.0 ** (1 - n))


def paired_t(difference: Tensor) -> float:
    """Two-sided p of Student's t test of paired users; 1 where there are fewer than two or all are 0."""
    from scipy.special import stdtr

    values = _present(difference)
    if len(values) < 2 or not bool(values.any()):
        return 1.0
    error = float(values.std()) / math.sqrt(len(values))
    if error == 0.0:
        return 0.0
    return float(2 * stdtr(len(values) - 1, -abs(float(values.mean())) / error))


def wilcoxon(difference: Tensor) -> float:
    """Two-sided p of Wilcoxon's signed-rank test; users without a difference are left out (Wilcoxon 1945)."""
    from scipy import stats

    values = _present(difference)
    values = values[values != 0]
    return float(stats.wilcoxon(values.numpy()).pvalue) if len(values) else 1.0


TESTS: Mapping[str, Callable[[Tensor], float]] = {
    "bootstrap": paired_bootstrap,
    "t": paired_t,
    "wilcoxon": wilcoxon,
}
"""The tests by the name that `recsys compare --test` takes."""


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values after Holm's correction for their number, in the order given.

    The i-th smallest of m becomes max over j <= i of (m - j + 1) p_j, at most 1 (Holm 1979).
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted


def detectable(difference: Tensor, *, level: float = 0.05, power: float = 0.8) -> float:
    """The smallest mean difference that these users would show: (z_{1 - level/2} + z_power) standard errors.

    Args:
        difference: `[n]`, one of each user; NaN where a user has none.
        level: of the two-sided test.
        power: how often a difference of this size would be found.
    """
    values = _present(difference)
    if len(values) < 2:
        return float("nan")
    quantiles = torch.special.ndtri(torch.tensor([1 - level / 2, power], dtype=torch.float64))
    return float(quantiles.sum() * values.std() / math.sqrt(len(values)))


def _present(difference: Tensor) -> Tensor:
    return difference[~difference.isnan()].double().cpu()
