"""How alike the items of a list are to each other, and to what a user took up before.

An item's audience is the set U_i of the users that took it up in training. Of two items
cos(i, j) = |U_i ∩ U_j| / sqrt(|U_i| |U_j|), 0 where a set is empty. Audiences are made into bits, one for each
user, and only those of the items at hand: no matrix of items by items is made.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor
from torch.nn.functional import normalize

from recsys.ops import csr
from recsys.types import Csr, Graph

CELLS = 2**18
"""Numbers held at once in a work array: 2 MB, which fits the caches of most machines."""


def pairs_of(counted: Tensor, ks: Sequence[int]) -> Tensor:
    """n (n - 1) / 2 pairs of the n counted positions up to each depth, `[Q, len(ks)]` float64."""
    n = torch.stack([counted[:, :k].sum(1) for k in ks], 1).double()
    return n * (n - 1) / 2


def audience_sums(items: Tensor, counted: Tensor, graph: Graph, ks: Sequence[int]) -> Tensor:
    """The sum over pairs of cos(i, j) by audience, of the first k of each list.

    Args:
        items: `[Q, K]`.
        counted: `[Q, K]` bool, the positions that hold a candidate.

    Returns:
        `[Q, len(ks)]` float64.
    """
    names, at = items.unique(return_inverse=True)
    bits, weights = _bits(graph, names), _weights(graph)[items] * counted
    upto = torch.zeros_like(weights)
    for rows in _chunks(torch.full_like(items[:, 0], items.shape[1] * bits.shape[1])):
        for place in range(1, items.shape[1]):
            common = _count(bits[at[rows, place]][:, None] & bits[at[rows, :place]]).sum(2)
            upto[rows, place] = (common * weights[rows, :place]).sum(1) * weights[rows, place]
    return _at(upto.cumsum(1), ks)


def vector_sums(items: Tensor, counted: Tensor, vectors: Tensor, ks: Sequence[int]) -> Tensor:
    """The sum over pairs of the vectors' cosine, of the first k of each list; a vector of zeros is like none.

    Args:
        vectors: `[n_items, D]`.

    Returns:
        `[Q, len(ks)]` float64.
    """
    out = torch.zeros(len(items), len(ks), dtype=torch.float64, device=items.device)
    for rows in _chunks(torch.full_like(items[:, 0], items.shape[1] * vectors.shape[1])):
        unit = normalize(vectors[items[rows]].double(), dim=2) * counted[rows][:, :, None]
        norms = unit.square().sum(2)
        for place, k in enumerate(ks):
            out[rows, place] = (unit[:, :k].sum(1).square().sum(1) - norms[:, :k].sum(1)) / 2
    return out


def category_sums(items: Tensor, counted: Tensor, categories: Csr, width: int, ks: Sequence[int]) -> Tensor:
    """The sum over pairs of |A ∩ B| / |A ∪ B|, of the first k of each list; 0 where both sets are empty.

    Args:
        categories: of each item.
        width: number of categories.

    Returns:
        `[Q, len(ks)]` float64.
    """
    out = torch.zeros(len(items), len(ks), dtype=torch.float64, device=items.device)
    depth = items.shape[1]
    for rows in _chunks(torch.full_like(items[:, 0], depth * (width + depth))):
        lists = csr.take(categories, items[rows].flatten())
        has = torch.zeros(len(lists.ptr) - 1, width, device=items.device)
        has[csr.rows_of(lists), lists.idx] = 1
        has = has.view(-1, depth, width) * counted[rows][:, :, None]
        both = has @ has.transpose(1, 2)
        size = has.sum(2)
        likeness = both / (size[:, :, None] + size[:, None, :] - both).clamp_min(1)
        out[rows] = _at(likeness.double().tril(-1).sum(2).cumsum(1), ks)
    return out


def closeness(items: Tensor, counted: Tensor, user: Tensor, graph: Graph) -> Tensor:
    """The mean over the user's training items h of cos(i, h) by audience.

    Args:
        items: `[Q, K]`.
        counted: `[Q, K]` bool, the positions to work out; others get 0.
        user: `[Q]`.

    Returns:
        `[Q, K]` float64; 0 for a user without training items.
    """
    row, place = counted.nonzero(as_tuple=True)
    listed, history = items[row, place], csr.take(graph.user_items, user[row])
    names, at = torch.cat([listed, history.idx]).unique(return_inverse=True)
    bits, weights = _bits(graph, names), _weights(graph)[names]
    one, other = at[: len(listed)][csr.rows_of(history)], at[len(listed) :]
    common = torch.zeros(len(one), dtype=torch.float64, device=items.device)
    for pairs in _chunks(torch.full_like(one, bits.shape[1])):
        common[pairs] = _count(bits[one[pairs]] & bits[other[pairs]]).sum(1).double()
    cosine = common * weights[one] * weights[other]
    total = torch.zeros(len(listed), dtype=torch.float64, device=items.device)
    total.index_add_(0, csr.rows_of(history), cosine)
    out = torch.zeros(items.shape, dtype=torch.float64, device=items.device)
    out[row, place] = total / csr.lengths(history).clamp_min(1)
    return out


def _weights(graph: Graph) -> Tensor:
    """1 / sqrt(|U_i|), `[n_items]` float64, 0 where it is empty."""
    sizes = csr.lengths(graph.item_users)
    return torch.where(sizes > 0, sizes.clamp_min(1).double().rsqrt(), 0)


def _bits(graph: Graph, items: Tensor) -> Tensor:
    """The audience of each item, a bit for each user, `[M, n_users / 64 rounded up]` int64."""
    words = (len(graph.user_items.ptr) + 62) // 64
    users = csr.take(graph.item_users, items)
    bits = torch.zeros(len(items) * words, dtype=torch.int64, device=items.device)
    at = csr.rows_of(users) * words + (users.idx >> 6)
    # Each bit is set once, so adding is setting.
    return bits.index_add_(0, at, torch.ones_like(at) << (users.idx & 63)).view(-1, words)


def _count(words: Tensor) -> Tensor:
    """How many bits of each are set; overwrites them. Sums of 1, 2 and 4 neighbours, then of bytes."""
    words -= (words >> 1) & 0x5555555555555555
    words = (words & 0x3333333333333333).add_((words >> 2) & 0x3333333333333333)
    words = words.add_(words >> 4).bitwise_and_(0x0F0F0F0F0F0F0F0F)
    return words.mul_(0x0101010101010101) >> 56


def _at(upto: Tensor, ks: Sequence[int]) -> Tensor:
    """The columns of the depths, the last for a depth beyond it, `[Q, len(ks)]`."""
    return torch.stack([upto[:, min(k, upto.shape[1]) - 1] for k in ks], 1)


def _chunks(cost: Tensor) -> Iterator[slice]:
    """Consecutive rows that together cost at most about `CELLS`; one that costs more stands alone."""
    number = cost.cumsum(0) // CELLS
    start = 0
    for length in torch.unique_consecutive(number, return_counts=True)[1].tolist():
        yield slice(start, start + length)
        start += length
