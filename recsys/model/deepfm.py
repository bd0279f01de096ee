"""A factorisation machine and an MLP over the same embeddings."""

from collections.abc import Mapping, Sequence
from typing import final

import torch
from torch import Tensor, nn

from recsys.model import Ranker
from recsys.nn.fields import EMPTY
from recsys.nn.inner import inner
from recsys.nn.side_mlp import SideMLP
from recsys.nn.sides import Sides
from recsys.types import Fraction, PositiveInt, Schema, Slate


@final
class DeepFM(Ranker[Tensor]):
    """Score = linear terms + sum over pairs of fields <v_i, v_j> + MLP(all v).

    Guo et al. 2017, "DeepFM: A Factorization-Machine based Neural Network for CTR Prediction", eq. 1-4.
    What depends on one side alone is computed once a user and once an item: with S the sum of a side's
    field vectors, the pairs across sides are <S_user, S_item>, and the MLP's first layer is the sum of a
    user part and an item part.

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
        self.sides = Sides(schema, dim + 1, "model=deepfm")
        self.deep = SideMLP(self.sides, dim, hidden, dropout=dropout, batch_norm=batch_norm, asker="deepfm")
        self.out = nn.Linear(hidden[-1], 1)
        self.common = nn.Parameter(torch.zeros(()))
        self.dim, self.cell_width, self.width = dim, max(hidden), 1 + hidden[-1]

    def encode_users(self, slate: Slate) -> Tensor:
        """The query's part of each term, `[B, dim + 1 + hidden]`."""
        return _one_side(self.sides.of_slate(slate), self.deep.query)

    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The items' part of each term, `[..., dim + 1 + hidden]`."""
        return self.sides.of_items(items, features, lambda fields: _one_side(fields, self.deep.item))

    def represent(self, users: Tensor, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The factorisation machine's score, then the MLP's last hidden layer, `[B, C, 1 + hidden]`."""
        sizes = [self.dim, 1, self.deep.first]
        user_sum, user_alone, user_hidden = users.split(sizes, -1)
        item_sum, item_alone, item_hidden = items.split(sizes, -1)
        hidden = user_hidden[:, None, :] + item_hidden
        score = self.common + user_alone + item_alone.squeeze(-1) + inner(user_sum, item_sum)
        if self.deep.cross is not None:
            cross = _one_side(self.sides.of_pairs(features), self.deep.cross)
            cross_sum, cross_alone, cross_hidden = cross.split(sizes, -1)
            hidden = hidden + cross_hidden
            score = score + cross_alone.squeeze(-1) + (cross_sum * (user_sum[:, None] + item_sum)).sum(-1)
        return torch.cat([score.unsqueeze(-1), self.deep(hidden)], -1)

    def read(self, pairs: Tensor) -> Tensor:
        """Logits `[B, C]`."""
        return pairs[..., 0] + self.out(pairs[..., 1:]).squeeze(-1)


def _one_side(fields: Tensor, first_layer: nn.Linear) -> Tensor:
    """One side's terms, from its field vectors with the linear term in the last slot `[..., F, dim + 1]`.

    They are the sum of the vectors; the linear terms and the pairs within the side; the first layer's part.
    Pairs are half of (squared length of the sum - sum of squared lengths), Rendle 2010.
    """
    vectors = fields.split([fields.shape[-1] - 1, 1], -1)[0].flatten(-2)
    total, linear = fields.sum(-2).split([fields.shape[-1] - 1, 1], -1)
    pairs = 0.5 * (total.square().sum(-1, keepdim=True) - vectors.square().sum(-1, keepdim=True))
    return torch.cat([total, linear + pairs, first_layer(vectors)], -1)
