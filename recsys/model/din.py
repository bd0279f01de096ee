"""A ranking model whose view of the user's history depends on the candidate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import final

import torch
from torch import Tensor, nn

from recsys.model import Ranker
from recsys.nn.dice import Dice
from recsys.nn.fields import EMPTY, FieldBank
from recsys.nn.sequences import HISTORY, Past
from recsys.nn.target_attention import TargetAttention
from recsys.types import Fraction, PositiveInt, Schema, Slate, UserError


@dataclass(frozen=True)
class Encoding:
    """What the score needs of one side.

    Attributes:
        hidden: the side's part of the first layer, `[..., hidden]`.
        vectors: of the history `[B, L, dim]`, or of the candidates `[..., dim]`.
        there: where the history has an item, `[B, L]`; None of candidates.
    """

    hidden: Tensor
    vectors: Tensor
    there: Tensor | None = None


@final
class DIN(Ranker[Encoding]):
    """Score = MLP(user, context, item and cross fields, the history as the candidate sees it).

    Zhou et al. 2018, "Deep Interest Network for Click-Through Rate Prediction", fig. 2 right: the items of the
    history and the candidate share their vectors, `TargetAttention` sums the former for each candidate, and the
    MLP's units are `Dice`. The other fields are embedded as in other ranking models. The MLP's first layer is
    the sum of a part of the query, one of the candidate and one of the attention.

    Args:
        dim: length of each field's vector.
        attention: hidden units of the attention's network.
        hidden: widths of the MLP's hidden layers.
        dropout: share of hidden units left out in training.
    """

    gives = frozenset({"model.context", "model.moments", "model.cross"})
    needs = (HISTORY,)

    def __init__(
        self,
        schema: Schema,
        *,
        dim: PositiveInt = 16,
        attention: PositiveInt = 36,
        hidden: Sequence[PositiveInt] = (128, 64),
        dropout: Fraction = 0.0,
    ) -> None:
        super().__init__()
        if not hidden:
            raise UserError("model.hidden: din needs at least one hidden layer, for example [128]")
        self.past = Past(schema, "model=din", dim)
        names = ("user", "context", "item", "cross")
        fields = [field for field in schema.fields if field.name != self.past.name]
        banks = {side: FieldBank([f for f in fields if f.side == side], dim) for side in names}
        self.users, self.context, self.items = banks["user"], banks["context"], banks["item"]
        self.cross = banks["cross"]
        self.attention = TargetAttention(dim, attention)
        first = hidden[0]
        self.of_query = nn.Linear(max(1, self.users.width + self.context.width), first)
        self.of_item = nn.Linear(dim + self.items.width, first, bias=False)
        self.of_history = nn.Linear(dim + self.cross.width, first, bias=False)
        layers: list[nn.Module] = []
        for width_in, width in pairwise(hidden):
            layers += [nn.Linear(width_in, width), Dice(width), nn.Dropout(dropout)]
        self.deep = nn.Sequential(Dice(first), nn.Dropout(dropout), *layers)
        self.out, self.width = nn.Linear(hidden[-1], 1), hidden[-1]
        self.cell_width = max(dim, *hidden)

    def encode_users(self, slate: Slate) -> Encoding:
        """The query's part of the first layer, and the history."""
        fields = self.users(slate.user) + self.context.encode(slate.context)
        return Encoding(self.of_query(_joined(fields, slate.user)), *self.past(slate))

    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Encoding:
        """The candidates' part of the first layer, and their vectors."""
        vectors = self.past.items(items)
        return Encoding(self.of_item(torch.cat([vectors, *self.items(items, features)], -1)), vectors)

    def represent(self, users: Encoding, items: Encoding, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The last hidden layer, `[B, C, hidden]`."""
        assert users.there is not None
        seen = self.attention(users.vectors, users.there, items.vectors)
        pairs = torch.cat([seen, *self.cross.encode(features)], -1)
        return self.deep(users.hidden[:, None] + items.hidden + self.of_history(pairs))

    def read(self, pairs: Tensor) -> Tensor:
        """Logits `[B, C]`."""
        return self.out(pairs).squeeze(-1)


def _joined(vectors: Sequence[Tensor], index: Tensor) -> Tensor:
    """The fields' vectors side by side; a zero where there is no field."""
    return torch.cat(list(vectors), -1) if vectors else torch.zeros(*index.shape, 1, device=index.device)
