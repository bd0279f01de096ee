"""A factorisation machine."""

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor, nn

from recsys.model import Ranker
from recsys.nn.fields import EMPTY
from recsys.nn.sides import Sides
from recsys.types import PositiveInt, Schema, Slate


@final
class FM(Ranker[Tensor]):
    """Score = a common weight + linear terms + sum over pairs of fields <v_i, v_j>.

    Rendle 2010, "Factorization Machines", eq. 1; the pairs as in eq. 5, half of (squared sum - sum of squares),
    kept by dimension as the pair's vector (the bi-interaction pooling of He and Chua 2017, eq. 4).

    Args:
        dim: length of each field's vector.
    """

    gives = frozenset({"model.context", "model.moments", "model.cross"})

    def __init__(self, schema: Schema, *, dim: PositiveInt = 16) -> None:
        super().__init__()
        self.sides = Sides(schema, dim + 1, "model=fm")
        self.common = nn.Parameter(torch.zeros(()))
        self.out = nn.Identity()
        self.dim, self.cell_width, self.width = dim, 2 * dim + 1, 1 + dim

    def encode_users(self, slate: Slate) -> Tensor:
        """The query's sums, `[B, 2 dim + 1]`."""
        return _sums(self.sides.of_slate(slate))

    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The items' sums, `[..., 2 dim + 1]`."""
        return self.sides.of_items(items, features, _sums)

    def represent(self, users: Tensor, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The linear terms, then the pairs by dimension, `[B, C, 1 + dim]`."""
        sums = users[:, None] + items
        if self.sides.cross:
            sums = sums + _sums(self.sides.of_pairs(features))
        linear, total, squares = sums.split([1, self.dim, self.dim], -1)
        return torch.cat([linear, 0.5 * (total.square() - squares)], -1)

    def read(self, pairs: Tensor) -> Tensor:
        """Logits `[B, C]`."""
        return self.common + pairs.sum(-1)


def _sums(fields: Tensor) -> Tensor:
    """Sums over fields `[..., F, dim + 1]` of linear terms, vectors and their squares, `[..., 2 dim + 1]`."""
    vectors, linear = fields[..., :-1], fields[..., -1:]
    return torch.cat([linear.sum(-2), vectors.sum(-2), vectors.square().sum(-2)], -1)
