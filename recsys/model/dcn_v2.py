"""Explicit crosses of fields, layer by layer, and an MLP."""

from collections.abc import Mapping, Sequence
from typing import Literal, final

import torch
from torch import Tensor, nn

from recsys.model import Ranker
from recsys.nn.cross import CrossLayer
from recsys.nn.fields import EMPTY
from recsys.nn.mlp import MLP
from recsys.nn.sides import Sides
from recsys.types import Fraction, PositiveInt, Schema, Slate


@final
class DCNv2(Ranker[Tensor]):
    """Score = linear(cross layers and MLP over all field vectors).

    Wang et al. 2021, "DCN V2: Improved Deep & Cross Network and Practical Lessons for Web-scale Learning to
    Rank Systems", eq. 1 and fig. 1: `stacked` feeds the crosses to the MLP, `parallel` puts their outputs side
    by side.

    Args:
        dim: length of each field's vector.
        layers: cross layers.
        rank: of their matrices; None for full ones.
        structure: see above.
        hidden: widths of the MLP's hidden layers; none for crosses alone.
        dropout: share of hidden units left out in training.
        batch_norm: normalise the MLP's hidden units over the batch, before the ReLU.
    """

    gives = frozenset({"model.context", "model.moments", "model.cross"})

    def __init__(
        self,
        schema: Schema,
        *,
        dim: PositiveInt = 16,
        layers: PositiveInt = 2,
        rank: PositiveInt | None = None,
        structure: Literal["stacked", "parallel"] = "parallel",
        hidden: Sequence[PositiveInt] = (128, 64),
        dropout: Fraction = 0.0,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        self.sides = Sides(schema, dim, "model=dcn_v2")
        size = (self.sides.query + self.sides.item + self.sides.cross) * dim
        self.crosses = nn.ModuleList([CrossLayer(size, rank) for _ in range(layers)])
        self.deep = MLP(size, hidden, dropout=dropout, batch_norm=batch_norm) if hidden else None
        self.structure, self.width = structure, size
        if self.deep is not None:
            self.width = self.deep.width + (size if structure == "parallel" else 0)
        self.out = nn.Linear(self.width, 1)
        self.cell_width = max(size, self.width, *hidden)

    def encode_users(self, slate: Slate) -> Tensor:
        """The query's field vectors side by side, `[B, F * dim]`."""
        return self.sides.of_slate(slate).flatten(-2)

    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The items' field vectors side by side, `[..., F * dim]`."""
        return self.sides.of_items(items, features)

    def represent(self, users: Tensor, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """What crosses and MLP end in, `[B, C, width]`."""
        first = self.sides.beside(users, items, features).flatten(-2)
        crossed = first
        for layer in self.crosses:
            crossed = layer(first, crossed)
        if self.deep is None:
            return crossed
        return self.deep(crossed) if self.structure == "stacked" else torch.cat([crossed, self.deep(first)], -1)

    def read(self, pairs: Tensor) -> Tensor:
        """Logits `[B, C]`."""
        return self.out(pairs).squeeze(-1)
