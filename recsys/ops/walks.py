"""The graph of users and items: who matters in it, and how near a user is to an item's audience."""

from typing import Any

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

from recsys.ops import csr
from recsys.types import Csr

CELLS = 2**22
"""Numbers held at once."""
UNIT = 2**30
"""One, in sums of weights: they are whole numbers, so that no order of adding changes them."""


def pagerank(
    user_items: Csr, item_users: Csr, *, damping: float = 0.85, rounds: int = 100
) -> tuple[Tensor, Tensor]:
    """PageRank of users and items by power iteration, as a multiple of the average of all.

    Brin and Page 1998: r = (1 - d) / n + d (sum of r / degree over the neighbours); what those without a
    neighbour have is shared by all. Ends when the sum of changes is below 1e-10.

    Returns:
        `[n_users]` and `[n_items]` float64, of mean 1 together.
    """
    links = matrix(user_items, len(item_users.ptr) - 1, np.float64)
    n_users = len(user_items.ptr) - 1
    n = n_users + len(item_users.ptr) - 1
    degrees = torch.cat([csr.lengths(user_items), csr.lengths(item_users)]).numpy()
    rank = np.full(n, 1 / n)
    for _ in range(rounds):
        given = rank / np.maximum(degrees, 1)
        taken = np.concatenate([links @ given[n_users:], links.T @ given[:n_users]])
        new = (1 - damping + damping * rank[degrees == 0].sum()) / n + damping * taken
        moved, rank = np.abs(new - rank).sum(), new
        if moved < 1e-10:
            break
    ranks = torch.from_numpy(rank * n)
    return ranks[:n_users], ranks[n_users:]


def matrix(lists: Csr, n_columns: int, dtype: type = np.int64) -> Any:
    """A list of columns for each row, as a sparse matrix of ones (`scipy.sparse.csr_array`)."""
    ones = np.ones(len(lists.idx), dtype=dtype)
    shape = (len(lists.ptr) - 1, n_columns)
    return sparse.csr_array((ones, lists.idx.numpy(), lists.ptr.numpy()), shape=shape)


def inverse_log(degrees: Tensor) -> Tensor:
    """1 / log of each degree in `UNIT`s, int64 (Adamic and Adar 2003); 0 below 2, where nothing is shared."""
    weights = UNIT / degrees.double().clamp_min(2).log()
    return torch.where(degrees >= 2, weights, 0).round().long()


def shared(audience: Csr, marks: Csr, weights: Tensor, user: Tensor, item: Tensor) -> Tensor:
    """Sums over an item's audience of the weights of the marks that each shares with a user, `[W, M]` int64.

    With M the matrix of marks and A that of audiences they are `(A M diag(weights[w]) M')[item, user]`. Costs,
    of each distinct item, the marks of its audience; or, where that is less, of each distinct user all marks
    and links.

    Args:
        audience: users of each item.
        marks: of each user: items, friends.
        weights: `[W, marks]` int64.
        user, item: `[M]` int64.
    """
    number = csr.lengths(marks)
    reach = csr.sums(number[audience.idx], audience.ptr)
    by_item = int(reach[item.unique()].sum()) + int(number[user].sum())
    by_user = len(user.unique()) * (len(marks.idx) + len(audience.idx))
    meet = _by_user if by_user < by_item else _by_item
    return meet(audience, marks, weights, user, item)


def _by_item(audience: Csr, marks: Csr, weights: Tensor, user: Tensor, item: Tensor) -> Tensor:
    """Of each item how often its audience has each mark, then summed over the user's own marks."""
    summed = torch.zeros(len(weights), len(item), dtype=torch.int64)
    n_marks = weights.shape[1]
    marked = matrix(marks, n_marks, np.int32)
    for questions, rows, own in _blocks(item, n_marks):
        heard = matrix(csr.take(audience, rows), len(marks.ptr) - 1, np.int32)
        times = torch.from_numpy((heard @ marked).toarray())
        for at in questions.split(_step(marks, user)):
            listed = csr.take(marks, user[at])
            row = torch.repeat_interleave(own[at], csr.lengths(listed))
            met = times[row, listed.idx].long()
            for each, weight in zip(summed, weights, strict=True):
                each[at] = csr.sums(met * weight[listed.idx], listed.ptr)
    return summed


def _by_user(audience: Csr, marks: Csr, weights: Tensor, user: Tensor, item: Tensor) -> Tensor:
    """Of each user how much she shares with every user, then summed over every item's audience."""
    summed = torch.zeros(len(weights), len(user), dtype=torch.int64)
    n_users, n_marks = len(marks.ptr) - 1, weights.shape[1]
    marked, links = matrix(marks, n_marks), matrix(audience, n_users)
    for questions, rows, own in _blocks(user, max(n_users, len(audience.ptr))):
        asking = matrix(csr.take(marks, rows), n_marks)
        for each, weight in zip(summed, weights, strict=True):
            common = (asking * weight.numpy() @ marked.T).toarray()
            each[questions] = torch.from_numpy(links @ common.T)[item[questions], own[questions]]
    return summed


def _blocks(place: Tensor, width: int) -> list[tuple[Tensor, Tensor, Tensor]]:
    """Blocks of distinct places: their questions, the places, and the row of all questions in their block."""
    distinct, number = place.unique(return_inverse=True)
    height = max(1, CELLS // max(width, 1))
    order, ends = number.argsort(), torch.bincount(number // height).cumsum(0)
    parts = order.tensor_split(ends[:-1])
    return [(part, rows, number % height) for part, rows in zip(parts, distinct.split(height), strict=True)]


def _step(marks: Csr, user: Tensor) -> int:
    """Questions whose marks are held at once."""
    most = int(csr.lengths(marks)[user].max()) if len(user) else 1
    return max(1, CELLS // max(most, 1))
