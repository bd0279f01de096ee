"""Two towers: all that is known of the query against all that is known of the item."""

from collections.abc import Mapping, Sequence
from typing import final

import torch
from torch import Tensor

from recsys.model import DualEncoder
from recsys.nn import decay as decaying
from recsys.nn.distinct import once
from recsys.nn.fields import EMPTY, FieldBank
from recsys.nn.mlp import MLP
from recsys.types import Fraction, NonNegative, Positive, PositiveInt, Schema, Slate, UserError


@final
class TwoTower(DualEncoder):
    """Score = <MLP(user and context fields), MLP(item fields)> / temperature.

    Yi et al. 2019, "Sampling-Bias-Corrected Neural Modeling for Large Corpus Item Recommendations", fig. 2.

    Args:
        dim: length of the vectors that the towers end in.
        embedding: size of each field's embedding.
        hidden: widths of each tower's hidden layers.
        dropout: share of hidden units left out in training.
        normalized: scale both vectors to length 1, so that the product is their cosine.
        temperature: divides the product.
        decay: weight of the squared length of the field vectors that a training step reads.
    """

    gives = frozenset({"model.towers", "model.context", "model.moments"})

    def __init__(
        self,
        schema: Schema,
        *,
        dim: PositiveInt = 64,
        embedding: PositiveInt = 32,
        hidden: Sequence[PositiveInt] = (128,),
        dropout: Fraction = 0.0,
        normalized: bool = False,
        temperature: Positive = 1.0,
        decay: NonNegative = 0.0,
    ) -> None:
        super().__init__()
        sides = {side: [f for f in schema.fields if f.side == side] for side in ("user", "context", "item")}
        if not sides["user"] or not sides["item"]:
            raise UserError("model=two_tower needs an encoded column of users and one of items; drop fewer")
        self.normalized, self.temperature, self.decay = normalized, temperature, decay
        self.users, self.context = FieldBank(sides["user"], embedding), FieldBank(sides["context"], embedding)
        self.items = FieldBank(sides["item"], embedding)
        self.moments = any(field.table is None for field in sides["item"])
        query = self.users.width + self.context.width
        self.user_tower = MLP(query, hidden, out=dim, dropout=dropout)
        self.item_tower = MLP(self.items.width, hidden, out=dim, dropout=dropout)

    def encode_users(self, slate: Slate) -> Tensor:
        """The query tower, `[B, dim]`."""
        fields = self.users(slate.user) + self.context.encode(slate.context)
        return self.scaled(self.user_tower(torch.cat(fields, -1))) / self.temperature

    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The item tower, `[..., dim]`; each distinct item once, unless it has features of the moment."""
        if self.moments:
            return self._tower(self.items(items, features))
        return once(items, lambda index: self._tower(self.items(index)))

    def penalty(self, slate: Slate) -> Tensor | None:
        """The decay of what the slate reads."""
        if not self.decay:
            return None
        users = torch.cat(self.users(slate.user) + self.context.encode(slate.context), -1)
        items = torch.cat(self.items(slate.items, slate.features), -1)
        return self.decay * decaying.of_slate(users, items, slate)

    def _tower(self, fields: list[Tensor]) -> Tensor:
        return self.scaled(self.item_tower(torch.cat(fields, -1)))
