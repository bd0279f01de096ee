"""How far predicted chances are from observed shares, bin by bin, under B sets of weights at once.

Rows are sorted by prediction, the highest first, and rows of equal score share a bin; so nothing hangs on the
order of the file. `cuts` are `[B, bins - 1]` int64: how many of the T distinct scores lie in the topmost bin,
in the topmost two, and so on.
"""

import torch
from torch import Tensor


def cuts_by_mass(mass: Tensor, bins: int) -> Tensor:
    """Bins of equal weight: a score is in bin j of J where the middle of its weight lies in that share of all.

    Args:
        mass: `[B, T]` float64, weight of the rows at or above each distinct score.
    """
    share = torch.arange(1, bins, dtype=torch.float64, device=mass.device) / bins
    edge = mass[:, -1:] * share
    across = torch.searchsorted(mass, edge).clamp_max(mass.shape[1] - 1)
    before = mass.gather(1, (across - 1).clamp_min(0)) * (across > 0)
    return across + ((before + mass.gather(1, across)) / 2 <= edge)


def cuts_by_width(chance: Tensor, bins: int, samples: int) -> Tensor:
    """Bins of equal width: [0, 1/J), [1/J, 2/J), …, [1 - 1/J, 1].

    Args:
        chance: `[T]` float64, the prediction at each distinct score, falling.
    """
    edge = torch.arange(bins - 1, 0, -1, dtype=torch.float64, device=chance.device) / bins
    return torch.searchsorted(-chance, -edge, right=True).expand(samples, bins - 1)


def per_bin(sums: Tensor, cuts: Tensor) -> Tensor:
    """What each bin adds to cumulative sums `[B, T]`, the topmost bin first, `[B, bins]`."""
    inner = sums.gather(1, (cuts - 1).clamp_min(0)) * (cuts > 0)
    edges = torch.cat([torch.zeros_like(sums[:, :1]), inner, sums[:, -1:]], 1)
    return edges.diff(dim=1)


def calibration_error(gap: Tensor, mass: Tensor, cuts: Tensor) -> Tensor:
    """sum over bins of (weight of the bin / weight of all) |mean prediction - share of positives|, `[B]`.

    Naeini et al. 2015, "Obtaining Well Calibrated Probabilities Using Bayesian Binning", sec. 2.

    Args:
        gap: `[B, T]` float64, sum of weight x (prediction - label) at or above each distinct score.
        mass: `[B, T]` float64, sum of weight likewise.
    """
    return per_bin(gap, cuts).abs().sum(1) / mass[:, -1]


def curve(expected: Tensor, tp: Tensor, mass: Tensor, cuts: Tensor) -> dict[str, Tensor]:
    """The reliability curve of one set of weights `[1, T]`: bins that have rows, the lowest prediction first.

    Args:
        expected: sum of weight x prediction at or above each distinct score.

    Returns:
        `predicted` and `observed`, a bin's mean prediction and its share of positives, and `rows`, its weight.
    """
    predicted, observed, rows = (per_bin(sums, cuts)[0].flip(0) for sums in (expected, tp, mass))
    some = rows > 0
    return {
        "predicted": predicted[some] / rows[some],
        "observed": observed[some] / rows[some],
        "rows": rows[some],
    }
