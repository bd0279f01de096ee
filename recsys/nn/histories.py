"""Sequences of items as vectors, with padding that never counts."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from recsys.nn.tables import Table


class Items(nn.Module):
    """A learned vector for each known item, one for all the others, and one for a sequence without items.

    Args:
        items: indices of the known items, ascending.
        width: length of the vectors.
        std: standard deviation of the normal distribution that all vectors are drawn from.
    """

    def __init__(self, items: Sequence[int], width: int, std: float) -> None:
        super().__init__()
        self.width = width
        self.table = Table(len(items) + 1, width, std)
        self.empty = nn.Parameter(torch.randn(width) * std)
        rows = torch.zeros(items[-1] + 2 if items else 1, dtype=torch.int64)
        rows[torch.tensor(items, dtype=torch.int64)] = torch.arange(1, len(items) + 1)
        self.register_buffer("rows", rows, persistent=False)

    def forward(self, items: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors `[..., L, width]`, zeros where there is no item, and where there is one, `[..., L]` bool.

        Args:
            items: `[..., L]` int64, -1 where there is none.
        """
        rows: Tensor = self.rows  # type: ignore[assignment]
        there = items >= 0
        known = there & (items < len(rows))
        vectors = self.table(rows[torch.where(known, items, len(rows) - 1)])
        return vectors * there.unsqueeze(-1), there

    def or_empty(self, vectors: Tensor, there: Tensor) -> Tensor:
        """The vectors `[..., width]` of the sequences that have an item, and the empty one of the others."""
        return torch.where(there.any(-1, keepdim=True), vectors, self.empty)


def packed(items: Tensor) -> Tensor:
    """The items of each sequence moved to its start, in their order; `[..., L]`."""
    return items.gather(-1, (items < 0).to(torch.uint8).argsort(dim=-1, stable=True))


def latest(vectors: Tensor, there: Tensor) -> Tensor:
    """The vector at the last place with an item, `[..., D]` of `[..., L, D]`; at the first if none has."""
    place = torch.arange(there.shape[-1], device=there.device) * there
    at = place.amax(-1)[..., None, None].expand(*there.shape[:-1], 1, vectors.shape[-1])
    return vectors.gather(-2, at).squeeze(-2)
