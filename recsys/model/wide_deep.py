"""A linear model and an MLP, trained as one."""

from collections.abc import Mapping, Sequence
from typing import final

import torch
from torch import Tensor, nn

from recsys.model import Ranker
from recsys.nn.fields import EMPTY
from recsys.nn.side_mlp import SideMLP
from recsys.nn.sides import Sides
from recsys.types import Fraction, PositiveInt, Schema, Slate


@final
class WideDeep(Ranker[Tensor]):
    """Score = linear terms of all fields + MLP(all field vectors).

    Cheng et al. 2016, "Wide & Deep Learning for Recommender Systems", eq. 3. The paper's cross-product features
    are chosen as features of user and item together (`features=[affinity]`), which have a linear term too.

    Args:
        dim: length of each field's vector.
        hidden: widths of the MLP's hidden layers.
        dropout: share of hidden units left out in training.
        batch_norm: normalise the MLP's hidden units over the batch, before the ReLU.
    """

    gives = frozenset({"model.context", "model.moments", "model.cross"})

    def __init__(
        self,
        schema: Schema,
        *,
        dim: PositiveInt = 16,
        hidden: Sequence[PositiveInt] = (128, 64),
        dropout: Fraction = 0.0,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        self.sides = Sides(schema, dim + 1, "model=wide_deep")
        self.deep = SideMLP(self.sides, dim, hidden, dropout=dropout, batch_norm=batch_norm, asker="wide_deep")
        self.out = nn.Linear(hidden[-1], 1)
        self.cell_width, self.width = max(hidden), 1 + hidden[-1]

    def encode_users(self, slate: Slate) -> Tensor:
        """The query's linear terms and part of the first layer, `[B, 1 + hidden]`."""
        return _one_side(self.sides.of_slate(slate), self.deep.query)

    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The items' linear terms and part of the first layer, `[..., 1 + hidden]`."""
        return self.sides.of_items(items, features, lambda fields: _one_side(fields, self.deep.item))

    def represent(self, users: Tensor, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The linear terms, then the MLP's last hidden layer, `[B, C, 1 + hidden]`."""
        sums = users[:, None] + items
        if self.deep.cross is not None:
            sums = sums + _one_side(self.sides.of_pairs(features), self.deep.cross)
        return torch.cat([sums[..., :1], self.deep(sums[..., 1:])], -1)

    def read(self, pairs: Tensor) -> Tensor:
        """Logits `[B, C]`."""
        return pairs[..., 0] + self.out(pairs[..., 1:]).squeeze(-1)


def _one_side(fields: Tensor, first_layer: nn.Linear) -> Tensor:
    """One side's linear terms, in the last slot of `[..., F, dim + 1]`, and its part of the first layer."""
    linear = fields[..., -1].sum(-1, keepdim=True)
    return torch.cat([linear, first_layer(fields[..., :-1].flatten(-2))], -1)
