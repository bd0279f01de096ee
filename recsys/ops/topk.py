"""From scores of the candidates to the best items of each query, exact about equal scores."""

from dataclasses import dataclass

import torch
from torch import Tensor

from recsys.ops import csr
from recsys.ops.hashing import mix
from recsys.types import Csr, Grades, Ranking, UserError

FEW = 16
"""Ties of fewer than one in so many columns are sorted by themselves."""


@dataclass(frozen=True)
class Top:
    """The best K columns of each query, before it is known which are relevant.

    Attributes:
        scores: `[Q, C]`, -inf where a column is no candidate.
        columns: `[Q, K]`, best first, within a tie in the order of the hash.
        values: `[Q, K]`, their scores.
        size: `[Q, K]`, candidates with the score at this position; 0 beyond the candidates.
        offset: `[Q, K]`, positions of the same tie that come before this one.
        tied: `[T]`, queries in which a score occurs twice, and `tie` `[T, K]` the number of the tie at each
            position of theirs.
        beyond: `[M]`, queries whose last tie goes on beyond the list.
    """

    user: Tensor
    scores: Tensor
    columns: Tensor
    values: Tensor
    size: Tensor
    offset: Tensor
    tied: Tensor
    tie: Tensor
    beyond: Tensor


def rank(
    scores: Tensor, user: Tensor, relevant: Csr, seen: Csr, k: int, grade: Tensor | None = None
) -> Ranking:
    """The best k candidates of each query; seen items are no candidates.

    Args:
        scores: `[Q, I]`, overwritten.
        user: `[Q]` int64, passed on.
        relevant: relevant items of each query, none of them seen.
        seen: items that are no candidates of the query.
        k: depth of the ranking; less where the catalogue is smaller.
        grade: `[nnz]`, of each relevant item; None where all are 1.

    Raises:
        UserError: a score is not a number.
    """
    scores[csr.rows_of(seen), seen.idx] = -torch.inf
    return judge(best(scores, user, k), relevant, grade)


def best(scores: Tensor, user: Tensor, k: int, names: Tensor | None = None) -> Top:
    """The best k columns of each query, with the ties among them.

    Args:
        scores: `[Q, C]`, -inf where a column is no candidate.
        names: `[Q, C]`, the items that the columns stand for; None where columns are items.

    Raises:
        UserError: a score is not a number.
    """
    depth = min(k, scores.shape[1])
    top = torch.topk(scores, min(k + 1, scores.shape[1]), dim=1)
    if bool(top.values[:, 0].isnan().any()):
        raise UserError("model: a score is not a number; lower optimizer.lr, or clip gradients")
    columns, values = top.indices[:, :depth], top.values[:, :depth]
    valid = values > -torch.inf
    size, offset = valid.long(), torch.zeros_like(columns)
    equal = (top.values[:, 1:] == top.values[:, :-1]) & (top.values[:, 1:] > -torch.inf)
    tied = equal.any(1).nonzero().squeeze(1)
    past = equal[:, depth - 1] if equal.shape[1] >= depth else equal.new_zeros(len(equal))
    beyond = past.nonzero().squeeze(1)
    tie = columns[tied]
    if len(tied):
        tie, own_size, own_offset = _ties(values[tied])
        columns = columns.index_copy(0, tied, _in_hash_order(columns, tie, user, tied, names))
        size, offset = size.index_copy(0, tied, own_size), offset.index_copy(0, tied, own_offset)
    if len(beyond):
        columns, size = _boundary(scores, user, columns, values, size, beyond, names)
    return Top(user, scores, columns, values, size * valid, offset * valid, tied, tie, beyond)


def judge(top: Top, relevant: Csr, grade: Tensor | None = None, names: Tensor | None = None) -> Ranking:
    """Say which of the listed are relevant.

    Args:
        relevant: relevant columns of each query; those that score -inf are never found.
        grade: `[nnz]`, of each relevant column; None where all are 1.
        names: `[Q, C]`, the items that the columns stand for.
    """
    width = top.scores.shape[1]
    keys = csr.keys(relevant, width)
    query = torch.arange(len(top.columns), device=keys.device)[:, None]
    found = query * width + top.columns
    hit = csr.contains(keys, found) & (top.size > 0)
    ones = torch.ones(1, dtype=torch.int64, device=keys.device).expand(len(relevant.idx))
    graded = None
    if grade is not None:
        place = torch.searchsorted(keys, found).clamp_(max=max(len(keys) - 1, 0))
        linear, exponential = grade.double(), grade.double().exp2() - 1
        graded = Grades(
            linear=_tie_sums(top, relevant, linear, _listed(linear, place, hit)),
            exponential=_tie_sums(top, relevant, exponential, _listed(exponential, place, hit)),
            best=_highest(relevant, linear, top.columns.shape[1]),
        )
    return Ranking(
        user=top.user,
        items=top.columns if names is None else names.gather(1, top.columns),
        tie_size=top.size,
        tie_relevant=_tie_sums(top, relevant, ones, hit.long()),
        tie_offset=top.offset,
        relevant=csr.lengths(relevant),
        hit=hit,
        score=top.values,
        grades=graded,
    )


def _ties(values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The number of the tie at each position, its members in the list, and how many come before, `[T, K]`."""
    position = torch.arange(values.shape[1], device=values.device).expand(values.shape)
    starts = torch.ones_like(values, dtype=torch.bool)
    starts[:, 1:] = values[:, 1:] != values[:, :-1]
    tie = starts.long().cumsum(1) - 1
    first = torch.where(starts, position, 0).cummax(1).values
    size = torch.zeros_like(tie).scatter_add_(1, tie, torch.ones_like(tie))
    return tie, size.gather(1, tie), position - first


def _in_hash_order(columns: Tensor, tie: Tensor, user: Tensor, tied: Tensor, names: Tensor | None) -> Tensor:
    """The columns of the queries `tied`, those of one tie by the hash of user and item."""
    mine = columns[tied]
    items = mine if names is None else names[tied].gather(1, mine)
    by_hash = mix(user[tied][:, None], items).argsort(1)
    order = by_hash.gather(1, tie.gather(1, by_hash).argsort(dim=1, stable=True))
    return mine.gather(1, order)


def _boundary(
    scores: Tensor,
    user: Tensor,
    columns: Tensor,
    values: Tensor,
    size: Tensor,
    beyond: Tensor,
    names: Tensor | None,
) -> tuple[Tensor, Tensor]:
    """Of the last tie, where it goes on beyond the list: its true size, and the members that the hash lists."""
    depth = columns.shape[1]
    bound = values[beyond, depth - 1]
    member = scores[beyond] == bound[:, None]
    sizes = member.sum(1, keepdim=True)
    few = int(sizes.sum()) * FEW < member.numel()
    chosen = (_least_of_few if few else _least_of_many)(member, user[beyond], names, beyond, depth)
    last = values[beyond] == bound[:, None]
    place = (last.long().cumsum(1) - 1).clamp_min(0)
    listed = torch.where(last, chosen.gather(1, place), columns[beyond])
    whole = torch.where(last, sizes, size[beyond])
    return columns.index_copy(0, beyond, listed), size.index_copy(0, beyond, whole)


def _least_of_many(member: Tensor, user: Tensor, names: Tensor | None, at: Tensor, depth: int) -> Tensor:
    """The members with the least hashes, `[M, depth]`, by hashing every column."""
    items = torch.arange(member.shape[1], device=member.device) if names is None else names[at]
    key = torch.where(member, mix(user[:, None], items), 2**62)
    return key.topk(depth, dim=1, largest=False).indices


def _least_of_few(member: Tensor, user: Tensor, names: Tensor | None, at: Tensor, depth: int) -> Tensor:
    """The same by hashing the members alone; places beyond them hold column 0."""
    row, column = member.nonzero(as_tuple=True)
    items = column if names is None else names[at[row], column]
    by_hash = mix(user[row], items).argsort()
    order = by_hash[row[by_hash].argsort(stable=True)]
    row, column = row[order], column[order]
    first = torch.zeros(len(member), dtype=torch.int64, device=row.device)
    first[1:] = torch.bincount(row, minlength=len(member)).cumsum(0)[:-1]
    place = torch.arange(len(row), device=row.device) - first[row]
    kept = place < depth
    chosen = torch.zeros(len(member), depth, dtype=torch.int64, device=row.device)
    chosen[row[kept], place[kept]] = column[kept]
    return chosen


def _tie_sums(top: Top, relevant: Csr, value: Tensor, listed: Tensor) -> Tensor:
    """The sum of a value over the relevant members of the tie at each position, `[Q, K]`.

    Args:
        value: `[nnz]`, of each relevant column.
        listed: `[Q, K]`, of the column at each position, 0 where it is not relevant.
    """
    if not len(top.tied):
        return listed
    sums = torch.zeros_like(listed[top.tied]).scatter_add_(1, top.tie, listed[top.tied])
    total = listed.index_copy(0, top.tied, sums.gather(1, top.tie))
    if len(top.beyond):
        bound = top.values[top.beyond, -1]
        last = top.values[top.beyond] == bound[:, None]
        whole = _over_bound(top, relevant, value, bound)
        total = total.index_copy(0, top.beyond, torch.where(last, whole[:, None], total[top.beyond]))
    return total * (top.size > 0)


def _over_bound(top: Top, relevant: Csr, value: Tensor, bound: Tensor) -> Tensor:
    """The sum of a value over the relevant columns that score exactly `bound`, for the queries `beyond`."""
    places = csr.take(Csr(relevant.ptr, torch.arange(len(relevant.idx), device=value.device)), top.beyond)
    row = csr.rows_of(places)
    equal = top.scores[top.beyond[row], relevant.idx[places.idx]] == bound[row]
    sums = torch.zeros(len(bound), dtype=value.dtype, device=value.device)
    return sums.index_add_(0, row, torch.where(equal, value[places.idx], 0))


def _listed(value: Tensor, place: Tensor, hit: Tensor) -> Tensor:
    if not len(value):
        return torch.zeros(hit.shape, dtype=value.dtype, device=value.device)
    return torch.where(hit, value[place], 0)


def _highest(relevant: Csr, value: Tensor, depth: int) -> Tensor:
    """The values of each query's relevant columns, highest first, then 0, `[Q, depth]`."""
    row = csr.rows_of(relevant)
    by_value = value.argsort(descending=True, stable=True)
    order = by_value[row[by_value].argsort(stable=True)]
    place = torch.arange(len(row), device=row.device) - relevant.ptr[row]
    padded = torch.zeros(len(relevant.ptr) - 1, depth, dtype=value.dtype, device=value.device)
    kept = place < depth
    padded[row[kept], place[kept]] = value[order][kept]
    return padded
