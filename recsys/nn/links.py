"""The training graph within a model, and scores that come a user's whole catalogue at a time."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from recsys.types import Csr

CELLS = 2**21
"""Scores held at once where each row has candidates of its own: 8 MB of float32."""


class Links(nn.Module):
    """Lists of indices as buffers: they move with the model, and a checkpoint leaves them out.

    Args:
        csr: from the training graph, which is made anew wherever the model is.
    """

    def __init__(self, csr: Csr) -> None:
        super().__init__()
        self.register_buffer("ptr", csr.ptr, persistent=False)
        self.register_buffer("idx", csr.idx, persistent=False)
        self.ptr: Tensor
        self.idx: Tensor

    @property
    def csr(self) -> Csr:
        """The lists."""
        return Csr(self.ptr, self.idx)


def pick(rows: Callable[[Tensor], Tensor], users: Tensor, items: Tensor, n_items: int) -> Tensor:
    """Scores `[B, C]` out of whole rows, in memory for few rows at once.

    Args:
        rows: from users `[M]` to their scores of all items, `[M, n_items]`.
        users: `[B]` int64.
        items: `[C]` int64 that all share; or `[B, C]`, for which each distinct user is scored once.
    """
    if items.dim() == 1:
        return rows(users)[:, items]
    distinct, at = users.unique(return_inverse=True)
    order = at.argsort()
    parts = []
    for start in range(0, len(distinct), step := max(1, CELLS // n_items)):
        mine = order[(at[order] >= start) & (at[order] < start + step)]
        parts.append(rows(distinct[start : start + step])[(at[mine] - start)[:, None], items[mine]])
    scores = torch.cat(parts)
    return torch.empty_like(scores).index_copy_(0, order, scores)
