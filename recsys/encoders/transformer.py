"""A sequence as what self-attention makes of its latest item."""

from typing import final

import polars as pl
import torch
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.nn.blocks import Block
from recsys.nn.histories import Items, latest, packed
from recsys.nn.tables import Table
from recsys.ops import vocabulary
from recsys.types import ColumnType, Fraction, Positive, PositiveInt, UserError


@final
class Transformer(Encoder):
    """Blocks of self-attention over the items' learned vectors; the output at the latest item.

    Kang and McAuley 2018, "Self-Attentive Sequential Recommendation" (SASRec): learned vectors of items and of
    positions, added; causal attention; the output at the last item. The blocks have their norm first. Positions
    count back from the latest item. Padding is never looked at. Items that training did not see share one
    learned vector. A sequence without items has a learned vector of its own.

    Args:
        blocks: one above the other.
        heads: of the attention; they divide the length of the vectors.
        causal: an item looks at itself and at earlier ones only.
        positions: how many of the latest items are read.
        dropout: share of units left out in training.
        dim: length of the vectors; None takes what the model asks for.
        init_std: standard deviation of the normal distribution that the vectors are drawn from.
    """

    accepts = frozenset[ColumnType]({"sequence"})

    def __init__(
        self,
        *,
        blocks: PositiveInt = 2,
        heads: PositiveInt = 1,
        causal: bool = True,
        positions: PositiveInt = 200,
        dropout: Fraction = 0.1,
        dim: PositiveInt | None = None,
        init_std: Positive = 0.05,
    ) -> None:
        self.blocks, self.heads, self.causal = blocks, heads, causal
        self.positions, self.dropout, self.dim, self.init_std = positions, dropout, dim, init_std

    def fit(self, values: pl.Series) -> State:
        """The items of training, ascending."""
        return {"items": vocabulary.learn(values)}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """Never called: a sequence holds item indices already."""
        raise NotImplementedError("a sequence is read as it is")

    def module(self, state: State, dim: int) -> nn.Module:
        """From `[..., L]` item indices, -1 where there is none, to `[..., dim]`.

        Raises:
            UserError: the heads do not divide the length of the vectors.
        """
        width = self.dim or dim
        if width % self.heads:
            raise UserError(
                f"transformer: heads={self.heads} do not divide vectors of length {width}; "
                "choose another number, or set dim"
            )
        items = Items(state["items"], width, self.init_std)
        blocks = [Block(width, self.heads, self.dropout) for _ in range(self.blocks)]
        return _Transformer(
            items, Table(self.positions, width, self.init_std), blocks, self.dropout, causal=self.causal
        )


class _Transformer(nn.Module):
    def __init__(
        self, items: Items, positions: Table, blocks: list[Block], dropout: float, *, causal: bool
    ) -> None:
        super().__init__()
        self.items, self.width, self.causal = items, items.width, causal
        self.positions, self.blocks = positions, nn.ModuleList(blocks)
        self.dropout, self.norm = nn.Dropout(dropout), nn.LayerNorm(self.width)

    def forward(self, items: Tensor) -> Tensor:
        flat = packed(items.flatten(0, -2))
        age = (flat >= 0).sum(-1, keepdim=True) - 1 - torch.arange(flat.shape[-1], device=flat.device)
        most = self.positions.num_embeddings
        vectors, there = self.items(torch.where(age < most, flat, -1))
        vectors = self.dropout(vectors + self.positions(age.clamp(0, most - 1)))
        allowed = self._allowed(there)
        for block in self.blocks:
            vectors = block(vectors, allowed)
        return self.items.or_empty(self.norm(latest(vectors, there)), there).unflatten(0, items.shape[:-1])

    def _allowed(self, there: Tensor) -> Tensor:
        """Which places each place looks at, `[N, L, L]`; its own always, so that no row is empty."""
        length = there.shape[-1]
        square = torch.ones(length, length, dtype=torch.bool, device=there.device)
        allowed = there[:, None, :] & square.tril() if self.causal else there[:, None, :] & square
        return allowed | torch.eye(length, dtype=torch.bool, device=there.device)
