"""Where each relevant item stands among all candidates of its query."""

import torch
from torch import Tensor

from recsys.ops import csr
from recsys.types import Csr, Placement

CELLS = 2**22
"""Comparisons held at once."""


def place(scores: Tensor, user: Tensor, relevant: Csr, candidates: Tensor) -> Placement:
    """Count, for each relevant column, the candidates with a higher and with the same score.

    Costs a pass over a query's scores for each relevant column of hers.

    Args:
        scores: `[Q, C]`, -inf where a column is no candidate, or one that the model does not list.
        user: `[Q]`, passed on.
        candidates: `[Q]` int64, how many candidates each query has, listed or not.
    """
    row = csr.rows_of(relevant)
    own = scores[row, relevant.idx]
    above, equal = _counts(scores, row, own)
    listed = (scores > -torch.inf).sum(1)
    equal = torch.where(own > -torch.inf, equal, (candidates - listed)[row])
    relevant_above, equal_relevant = _among_relevant(row, own, relevant)
    return Placement(user, candidates, row, above, equal, equal_relevant, relevant_above)


def _counts(scores: Tensor, row: Tensor, own: Tensor) -> tuple[Tensor, Tensor]:
    step = max(1, CELLS // scores.shape[1])
    above, equal = torch.zeros_like(row), torch.zeros_like(row)
    for start in range(0, len(row), step):
        at = slice(start, start + step)
        others, mine = scores[row[at]], own[at, None]
        above[at], equal[at] = (others > mine).sum(1), (others == mine).sum(1)
    return above, equal


def _among_relevant(row: Tensor, own: Tensor, relevant: Csr) -> tuple[Tensor, Tensor]:
    """For each relevant column the relevant ones of its query with a higher, and with the same score."""
    by_score = own.argsort(descending=True, stable=True)
    order = by_score[row[by_score].argsort(stable=True)]
    ordered_row, ordered = row[order], own[order]
    starts = torch.ones_like(ordered, dtype=torch.bool)
    starts[1:] = (ordered_row[1:] != ordered_row[:-1]) | (ordered[1:] != ordered[:-1])
    group = starts.long().cumsum(0) - 1
    first = starts.nonzero().squeeze(1)
    size = torch.bincount(group, minlength=len(first))
    higher, same = torch.empty_like(row), torch.empty_like(row)
    higher[order] = (first - relevant.ptr[ordered_row[first]])[group]
    same[order] = size[group]
    return higher, same
