"""Tests of whether two models differ, from the differences of the users that both were measured on."""

import math
import statistics
from collections.abc import Sequence

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
    return paired_bootstraps([difference], samples=samples, seed=seed)[0]


def paired_bootstraps(differences: Sequence[Tensor], *, samples: int = 1000, seed: int = 0) -> list[float]:
    """The same for many differences of the same users, which share the resamples."""
    table = torch.stack([difference.double().cpu() for difference in differences], 1)
    present = (~table.isnan()).double()
    filled = table.nan_to_num(0.0)
    sizes = present.sum(0)
    centre = filled.sum(0) / sizes.clamp_min(1)
    shifted = (filled - centre) * present
    spread = shifted.square().sum(0) / sizes.clamp_min(1)
    as_far = torch.zeros(table.shape[1], dtype=torch.int64)
    sums = torch.cat([shifted, shifted.square(), present], 1)
    for weights in resample(len(table), samples, seed):
        mean, square, size = (weights @ sums).chunk(3, 1)
        mean, square = mean / size, square / size
        # |t*| >= |t| without a division by a spread that may be 0; equal up to rounding counts as equal.
        far = mean.square() * spread >= centre.square() * (square - mean.square()) * (1 - 1e-9)
        as_far += (far | (size == 0)).sum(0)
    as_far[spread <= 1e-24 * centre.square()] = 0
    p_values = ((1 + as_far.double()) / (1 + samples)).maximum(torch.exp2(1 - sizes))
    return torch.where((sizes < 2) | (filled == 0).all(0), 1.0, p_values).tolist()


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
    if not len(values):
        return 1.0
    _, p_value = stats.wilcoxon(values.numpy())
    return float(p_value)  # type: ignore[arg-type]


TESTS = ("bootstrap", "t", "wilcoxon")
"""What `p_values` takes, and `recsys compare --test`."""


def p_values(differences: Sequence[Tensor], test: str = "bootstrap") -> list[float]:
    """Two-sided p of each, not yet corrected for their number.

    The bootstrap draws so many samples that its smallest p stays small after Holm's correction.
    """
    if test == "bootstrap":
        return paired_bootstraps(differences, samples=max(1000, 200 * len(differences)))
    return [(paired_t if test == "t" else wilcoxon)(difference) for difference in differences]


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


def moved_by_seeds(first: Sequence[float], second: Sequence[float], *, confidence: float = 0.95) -> float:
    """Half the width of Welch's interval of the difference of two means over seeds (Welch 1947).

    A side with one seed is taken as if another seed changed nothing; 0 where that holds for both.
    """
    from scipy.special import stdtrit

    sides = [side for side in (first, second) if len(side) > 1]
    parts = [statistics.variance(side) / len(side) for side in sides]
    if not any(parts):
        return 0.0
    freedom = sum(parts) ** 2 / sum(p**2 / (len(side) - 1) for p, side in zip(parts, sides, strict=True))
    return float(stdtrit(freedom, (1 + confidence) / 2) * math.sqrt(sum(parts)))


def _present(difference: Tensor) -> Tensor:
    return difference[~difference.isnan()].double().cpu()
