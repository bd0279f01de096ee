"""Kendall's tau-b within groups, in O(N log N) for all groups at once."""

import torch
from torch import Tensor


def concordance(x: Tensor, y: Tensor, group: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Pairs of rows of one group, counted; tau-b = surplus / sqrt(untied_x untied_y).

    Kendall 1945, "The Treatment of Ties in Ranking Problems": surplus = concordant - discordant pairs
    = n0 - n1 - n2 + n12 - 2 discordant, with n0 pairs, n1 and n2 of them tied in x and in y, n12 in both.

    Args:
        x, y: `[N]`, of any order.
        group: `[N]` int64, each number from 0 to G - 1 at least once.

    Returns:
        surplus, pairs that differ in x, pairs that differ in y: each `[G]` float64.
    """
    columns = [torch.unique(values, return_inverse=True)[1] for values in (x, y)]
    in_x, in_y = (_joint(group, column) for column in columns)
    both = _joint(in_x, columns[1])
    pairs, tied_x, tied_y, tied = (_pairs(key, group) for key in (group, in_x, in_y, both))
    order = both.argsort()
    discordant = torch.bincount(group[order], weights=inversions(in_y[order]).double())
    surplus = pairs - tied_x - tied_y + tied - 2 * discordant
    return surplus, pairs - tied_x, pairs - tied_y


def _joint(key: Tensor, column: Tensor) -> Tensor:
    """One number for each distinct (key, column), in that order, `[N]` int64 from 0."""
    return torch.unique(key * (column.max() + 1) + column, return_inverse=True)[1]


def _pairs(key: Tensor, group: Tensor) -> Tensor:
    """How many pairs of each group share a key, `[G]` float64."""
    others = torch.bincount(key)[key] - 1
    return torch.bincount(group, weights=others.double()) / 2


def inversions(rank: Tensor) -> Tensor:
    """How many earlier places hold a larger rank, for each place, `[N]` int64.

    Two ranks are told apart by the highest bit in which they differ. So for each bit, from the highest, places
    whose higher bits agree form a class, in their first order; a place with the bit off counts those of its
    class before it that have it on, and then the class is parted by the bit.

    Args:
        rank: `[N]` int64, not negative.
    """
    count, place = torch.zeros_like(rank), torch.arange(len(rank), device=rank.device)
    order = place
    for bit in reversed(range(int(rank.max()).bit_length())):
        value = rank[order]
        on, prefix = value >> bit & 1, value >> (bit + 1)
        first = torch.cat([prefix.new_ones(1, dtype=torch.bool), prefix[1:] != prefix[:-1]])
        number = first.cumsum(0) - 1
        start = place[first][number]
        earlier = on.cumsum(0) - on
        earlier = earlier - earlier[start]
        count[order] += earlier * (1 - on)
        off = torch.bincount(number)[number] - _sum(on, number)[number]
        parted = torch.where(on > 0, start + off + earlier, place - earlier)
        order = torch.empty_like(order).scatter_(0, parted, order)
    return count


def _sum(values: Tensor, number: Tensor) -> Tensor:
    return torch.zeros_like(values).scatter_add_(0, number, values)
