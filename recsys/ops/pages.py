"""Rows that were shown together."""

import torch
from torch import Tensor

from recsys.types import Csr, Rows


def number(rows: Rows) -> Tensor:
    """The page of each row, `[N]` int64: rows of one user and one second, numbered as they first appear.

    Where rows have no time, a page is all rows of a user: of a log of judged queries, whose users are the
    queries, that is the query.
    """
    key = rows.user
    if rows.time is not None and len(rows.time):
        since = rows.time - rows.time.min()
        key = key * (since.max() + 1) + since
    distinct, page = torch.unique(key, return_inverse=True)
    first = torch.full_like(distinct, len(key))
    first.scatter_reduce_(0, page, torch.arange(len(key), device=key.device), "amin")
    return first.argsort().argsort()[page]


def collect(page: Tensor) -> Csr:
    """The rows of each page, in their order.

    Args:
        page: `[N]` int64, every number from 0 to the highest at least once.
    """
    ptr = torch.zeros(int(page.max()) + 2 if len(page) else 1, dtype=torch.int64, device=page.device)
    torch.cumsum(torch.bincount(page), 0, out=ptr[1:])
    return Csr(ptr=ptr, idx=page.argsort(stable=True))
