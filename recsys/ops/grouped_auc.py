"""ROC AUC within groups, under B sets of weights at once."""

from dataclasses import dataclass

import torch
from torch import Tensor

from recsys.ops.row_formulas import last_places, pick, up_to


@dataclass(frozen=True)
class Arranged:
    """The rows of groups that have both classes, by group and then by score. Made by `arrange`.

    Attributes:
        rows: `[M]` int64, places in what was given.
        positive: `[M]` float64, 0 or 1.
        ends: `[T]` int64, the last row of each run of one group and score.
        group: `[T]` int64, the group of each run, from 0.
        last: `[G]` int64, the last run of each group.
    """

    rows: Tensor
    positive: Tensor
    ends: Tensor
    group: Tensor
    last: Tensor


def arrange(group: Tensor, score: Tensor, positive: Tensor) -> Arranged | None:
    """Sort once what every set of weights needs; None where no group has both classes.

    Args:
        group: `[N]` int64; a row below 0 is in none.
        score: `[N]`, the highest first.
        positive: `[N]` float64, 0 or 1.
    """
    rows = _mixed(group, positive).nonzero().squeeze(1)
    if not len(rows):
        return None
    of, order = group[rows].sort(stable=True)
    rows = rows[order]
    other = of[1:] != of[:-1]
    ends = last_places(other | (score[rows][1:] != score[rows][:-1]))
    of_run = of[ends]
    changes = of_run[1:] != of_run[:-1]
    number = torch.cat([changes.new_zeros(1), changes]).cumsum(0)
    return Arranged(rows, positive[rows], ends, number, last_places(changes))


def _mixed(group: Tensor, positive: Tensor) -> Tensor:
    """Whether each row's group has rows of both classes, `[N]` bool."""
    _, place = torch.unique(group, return_inverse=True)
    size, wanted = torch.bincount(place), torch.bincount(place, weights=positive)
    return ((wanted > 0) & (wanted < size))[place] & (group >= 0)


def grouped_auc(arranged: Arranged, weights: Tensor) -> Tensor:
    """sum_g w_g AUC_g / sum_g w_g over the groups in which both classes have a weight; w_g is the group's.

    AUC_g = sum of the weights of its (positive, negative) pairs that are in order, equal scores at one half,
    over that of all its pairs.

    Args:
        weights: `[B, M]` float64, of `arranged.rows`.

    Returns:
        `[B]` float64, NaN where no group has both.
    """
    tp = up_to(weights * arranged.positive, arranged.ends)
    fp = up_to(weights * (1 - arranged.positive), arranged.ends)
    wanted, other = _steps(pick(tp, arranged.last)), _steps(pick(fp, arranged.last))
    start = pick(tp, arranged.last) - wanted
    gained, found = _steps(fp), _steps(tp)
    above = tp - pick(start, arranged.group) - found / 2
    right = _steps(up_to(gained * above, arranged.last))
    # A sum that ends where it began is 0 only up to rounding.
    least = 1e-12 * weights.sum(1, keepdim=True)
    both = (wanted > least) & (other > least)
    size = (wanted + other) * both
    auc = right / torch.where(both, wanted * other, 1)
    return (size * auc).sum(1) / size.sum(1)


def _steps(sums: Tensor) -> Tensor:
    """What each place adds to cumulative sums, `[B, T]`."""
    return torch.cat([sums[:, :1], sums.diff(dim=1)], 1)
