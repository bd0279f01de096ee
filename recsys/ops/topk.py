"""From scores of the whole catalogue to the best items of each query, exact about equal scores."""

import torch
from torch import Tensor

from recsys.ops import csr
from recsys.types import Csr, Ranking, UserError


def rank(scores: Tensor, user: Tensor, relevant: Csr, seen: Csr, k: int) -> Ranking:
    """The best k candidates of each query; seen items are no candidates.

    Args:
        scores: `[Q, I]`, overwritten.
        user: `[Q]` int64, passed on.
        relevant: relevant items of each query, none of them seen.
        seen: items that are no candidates of the query.
        k: depth of the ranking; less where the catalogue is smaller.

    Raises:
        UserError: a score is not a number.
    """
    n_items = scores.shape[1]
    scores[csr.rows_of(seen), seen.idx] = -torch.inf
    best = torch.topk(scores, min(k + 1, n_items), dim=1)
    if bool(best.values[:, 0].isnan().any()):
        raise UserError("model: a score is not a number; lower optimizer.lr, or clip gradients")
    depth = min(k, n_items)
    items, values = best.indices[:, :depth], best.values[:, :depth]
    rows = torch.arange(len(items), device=items.device)[:, None]
    hits = csr.contains(csr.keys(relevant, n_items), rows * n_items + items).long()
    valid = (values > -torch.inf).long()
    size, tie_hits, offset = valid, hits * valid, torch.zeros_like(items)
    tied = ((best.values[:, 1:] == best.values[:, :-1]) & (best.values[:, 1:] > -torch.inf)).any(1)
    if bool(tied.any()):
        at = tied.nonzero().squeeze(1)
        parts = _ties(scores, best.values, hits, relevant, at, depth)
        size, tie_hits = size.index_copy(0, at, parts[0]), tie_hits.index_copy(0, at, parts[1])
        offset = offset.index_copy(0, at, parts[2])
        size, tie_hits = size * valid, tie_hits * valid
    return Ranking(user, items, size, tie_hits, offset, csr.lengths(relevant))


def _ties(
    scores: Tensor, values: Tensor, hits: Tensor, relevant: Csr, at: Tensor, depth: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Size, relevant candidates and offset of the tie at each position, for the queries `at`."""
    values, hits = values[at], hits[at]
    position = torch.arange(depth, device=values.device).expand(len(at), depth)
    starts = torch.ones_like(hits, dtype=torch.bool)
    starts[:, 1:] = values[:, 1:depth] != values[:, : depth - 1]
    tie = starts.long().cumsum(1) - 1
    first = torch.where(starts, position, 0).cummax(1).values
    size = torch.zeros_like(hits).scatter_add_(1, tie, torch.ones_like(hits))
    tie_hits = torch.zeros_like(hits).scatter_add_(1, tie, hits)
    if values.shape[1] > depth:
        beyond = (values[:, depth] == values[:, depth - 1]).nonzero().squeeze(1)
        query, last = at[beyond], tie[beyond, -1]
        bound = values[beyond, depth - 1]
        size[beyond, last] = (scores[query] == bound[:, None]).sum(1)
        tie_hits[beyond, last] = _relevant_at(scores, relevant, query, bound)
    return size.gather(1, tie), tie_hits.gather(1, tie), position - first


def _relevant_at(scores: Tensor, relevant: Csr, query: Tensor, bound: Tensor) -> Tensor:
    """How many relevant items of each query score exactly `bound`, `[M]`."""
    chosen = csr.take(relevant, query)
    row = csr.rows_of(chosen)
    equal = scores[query[row], chosen.idx] == bound[row]
    return torch.zeros_like(query).index_add_(0, row, equal.long())
