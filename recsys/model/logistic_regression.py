"""A weight for each value of each field."""

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor, nn

from recsys.model import Ranker
from recsys.nn.fields import EMPTY
from recsys.nn.sides import Sides
from recsys.types import Schema, Slate


@final
class LogisticRegression(Ranker[Tensor]):
    """Score = a common weight + a weight for each category and id + weight times value of each number.

    McMahan et al. 2013, "Ad Click Prediction: a View from the Trenches", sec. 3. Without features of user and
    item together the order of items is the same for everybody.
    """

    gives = frozenset({"model.context", "model.moments", "model.cross"})

    def __init__(self, schema: Schema) -> None:
        super().__init__()
        self.sides = Sides(schema, 1, "model=logistic_regression")
        self.common = nn.Parameter(torch.zeros(()))
        self.out = nn.Identity()
        self.width = self.cell_width = self.sides.query + self.sides.item + self.sides.cross

    def encode_users(self, slate: Slate) -> Tensor:
        """The terms of the query's fields, `[B, F]`."""
        return self.sides.of_slate(slate).squeeze(-1)

    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The terms of the items' fields, `[..., F]`."""
        return self.sides.of_items(items, features)

    def represent(self, users: Tensor, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The terms of all fields, `[B, C, F]`."""
        return self.sides.beside(users, items, features).squeeze(-1)

    def read(self, pairs: Tensor) -> Tensor:
        """Logits `[B, C]`."""
        return self.common + pairs.sum(-1)
