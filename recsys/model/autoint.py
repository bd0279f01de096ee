"""Fields that attend to each other."""

from collections.abc import Mapping, Sequence
from typing import final

import torch
from torch import Tensor, nn

from recsys.model import Ranker
from recsys.nn.field_attention import FieldAttention
from recsys.nn.fields import EMPTY
from recsys.nn.mlp import MLP
from recsys.nn.sides import Sides
from recsys.types import Fraction, PositiveInt, Schema, Slate


@final
class AutoInt(Ranker[Tensor]):
    """Score = linear(field vectors after layers of self-attention among the fields).

    Song et al. 2019, "AutoInt: Automatic Feature Interaction Learning via Self-Attentive Neural Networks",
    eq. 5-9;
    with an MLP beside it is the paper's AutoInt+.

    Args:
        dim: length of each field's vector.
        layers: of attention.
        heads: of each layer.
        width: of each head.
        hidden: widths of the hidden layers of an MLP beside; none for attention alone.
        dropout: share of the MLP's hidden units left out in training.
        batch_norm: normalise the MLP's hidden units over the batch, before the ReLU.
    """

    gives = frozenset({"model.context", "model.moments", "model.cross"})

    def __init__(
        self,
        schema: Schema,
        *,
        dim: PositiveInt = 16,
        layers: PositiveInt = 2,
        heads: PositiveInt = 2,
        width: PositiveInt = 16,
        hidden: Sequence[PositiveInt] = (128, 64),
        dropout: Fraction = 0.0,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        self.sides = Sides(schema, dim, "model=autoint")
        number, size = self.sides.query + self.sides.item + self.sides.cross, heads * width
        widths = [dim, *[size] * (layers - 1)]
        self.attention = nn.Sequential(*[FieldAttention(width_in, width, heads) for width_in in widths])
        self.deep = MLP(number * dim, hidden, dropout=dropout, batch_norm=batch_norm) if hidden else None
        self.width = number * size + (self.deep.width if self.deep is not None else 0)
        self.out = nn.Linear(self.width, 1)
        self.cell_width = max((3 * number * size, *hidden))

    def encode_users(self, slate: Slate) -> Tensor:
        """The query's field vectors side by side, `[B, F * dim]`."""
        return self.sides.of_slate(slate).flatten(-2)

    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The items' field vectors side by side, `[..., F * dim]`."""
        return self.sides.of_items(items, features)

    def represent(self, users: Tensor, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The attended fields, then the MLP's last hidden layer, `[B, C, width]`."""
        fields = self.sides.beside(users, items, features)
        seen = self.attention(fields).flatten(-2)
        return seen if self.deep is None else torch.cat([seen, self.deep(fields.flatten(-2))], -1)

    def read(self, pairs: Tensor) -> Tensor:
        """Logits `[B, C]`."""
        return self.out(pairs).squeeze(-1)
