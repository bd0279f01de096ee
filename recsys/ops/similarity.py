"""How alike the items of a list are to each other, and to what a user took up before.

An item's audience is the set U_i of the users that took it up in training. Of two items
cos(i, j) = |U_i ∩ U_j| / sqrt(|U_i| |U_j|), 0 where a set is empty. With x_i the set as a vector of length 1,
sums of cosines are products of sums of vectors. So no matrix of items by items is made, and work grows with the
audiences of what is listed, not with the number of pairs.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor
from torch.nn.functional import normalize

from recsys.ops import csr
from recsys.types import Csr, Graph

CELLS = 2**22
"""Numbers held at once in a work array."""


def pairs_of(counted: Tensor, ks: Sequence[int]) -> Tensor:
    """n (n - 1) / 2 pairs of the n counted positions up to each depth, `[Q, len(ks)]` float64."""
    n = torch.stack([counted[:, :k].sum(1) for k in ks], 1).double()
    return n * (n - 1) / 2


def audience_sums(items: Tensor, counted: Tensor, graph: Graph, ks: Sequence[int]) -> Tensor:
    """The sum over pairs of cos(i, j) by audience, of the first k of each list.

    Over the n items of a list it is (|sum x_i|^2 - sum |x_i|^2) / 2.

    Args:
        items: `[Q, K]`.
        counted: `[Q, K]` bool, the positions that hold a candidate.
        ks: ascending.

    Returns:
        `[Q, len(ks)]` float64.
    """
    sizes, weights = _audiences(graph)
    n_users = len(graph.user_items.ptr) - 1
    out = torch.zeros(len(items), len(ks), dtype=torch.float64, device=items.device)
    for rows in _chunks((sizes[items] * counted).sum(1) + n_users):
        block, there = items[rows], counted[rows]
        total = torch.zeros(len(block), n_users, dtype=torch.float64, device=items.device)
        done = 0
        for place, k in enumerate(ks):
            row, position = there[:, done:k].nonzero(as_tuple=True)
            _add(total, row, block[:, done:k][row, position], graph.item_users, weights)
            norms = ((weights[block[:, :k]] > 0) & there[:, :k]).sum(1)
            out[rows, place] = (total.square().sum(1) - norms) / 2
            done = k
    return out


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
        upto = likeness.double().tril(-1).sum(2).cumsum(1)
        out[rows] = torch.stack([upto[:, min(k, depth) - 1] for k in ks], 1)
    return out


def closeness(items: Tensor, counted: Tensor, user: Tensor, graph: Graph) -> Tensor:
    """The mean over the user's training items h of cos(i, h) by audience: x_i · mean x_h.

    Args:
        items: `[Q, K]`.
        counted: `[Q, K]` bool, the positions to work out; others get 0.
        user: `[Q]`.

    Returns:
        `[Q, K]` float64; 0 for a user without training items.
    """
    sizes, weights = _audiences(graph)
    n_users = len(graph.user_items.ptr) - 1
    out = torch.zeros(items.shape, dtype=torch.float64, device=items.device)
    asked = counted.any(1).nonzero().squeeze(1)
    history = csr.take(graph.user_items, user[asked])
    cost = (sizes[items[asked]] * counted[asked]).sum(1) + n_users
    cost = cost.index_add(0, csr.rows_of(history), sizes[history.idx])
    for rows in _chunks(cost):
        own = csr.part(history, rows.start, rows.stop)
        profile = torch.zeros(len(own.ptr) - 1, n_users, dtype=torch.float64, device=items.device)
        _add(profile, csr.rows_of(own), own.idx, graph.item_users, weights)
        profile /= csr.lengths(own).clamp_min(1)[:, None]
        row, position = counted[asked[rows]].nonzero(as_tuple=True)
        listed = items[asked[rows]][row, position]
        out[asked[rows][row], position] = _read(profile, row, listed, graph.item_users) * weights[listed]
    return out


def _audiences(graph: Graph) -> tuple[Tensor, Tensor]:
    """|U_i|, `[n_items]` int64, and 1 / sqrt(|U_i|), float64, 0 where it is empty."""
    sizes = csr.lengths(graph.item_users)
    return sizes, torch.where(sizes > 0, sizes.clamp_min(1).double().rsqrt(), 0)


def _add(total: Tensor, row: Tensor, item: Tensor, item_users: Csr, weights: Tensor) -> None:
    """Add each item's vector, `weights[item]` at the users of its audience, to its row of `total`, in place."""
    users = csr.take(item_users, item)
    entry = csr.rows_of(users)
    total.view(-1).index_add_(0, row[entry] * total.shape[1] + users.idx, weights[item][entry])


def _read(profile: Tensor, row: Tensor, item: Tensor, item_users: Csr) -> Tensor:
    """The sum of a row of `profile` over an item's audience, for each pair of row and item, `[M]`."""
    users = csr.take(item_users, item)
    entry = csr.rows_of(users)
    return torch.zeros(len(row), dtype=profile.dtype, device=row.device).index_add_(
        0, entry, profile[row[entry], users.idx]
    )


def _chunks(cost: Tensor) -> Iterator[slice]:
    """Consecutive rows that together cost at most about `CELLS`; one that costs more stands alone."""
    number = cost.cumsum(0) // CELLS
    start = 0
    for length in torch.unique_consecutive(number, return_counts=True)[1].tolist():
        yield slice(start, start + length)
        start += length
