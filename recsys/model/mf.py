"""Matrix factorisation."""

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor, nn

from recsys.model import DualEncoder
from recsys.nn import decay as decaying
from recsys.nn.fields import EMPTY
from recsys.nn.ids import IdVectors
from recsys.types import NonNegative, Positive, PositiveInt, Schema, Slate, UserError


@final
class MF(DualEncoder):
    """Score = <user vector, item vector> + user bias + item bias + a common bias, from the ids alone.

    Koren, Bell and Volinsky 2009, "Matrix Factorization Techniques for Recommender Systems", eq. 4. The
    biases are slots of the two vectors, so that the score stays an inner product.

    Args:
        dim: length of the vectors.
        bias: learn the biases.
        normalized: scale both vectors to length 1, so that the product is their cosine; only without biases.
        temperature: divides the product.
        decay: weight of the squared length of the vectors and biases that a training step reads.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        dim: PositiveInt = 64,
        bias: bool = True,
        normalized: bool = False,
        temperature: Positive = 1.0,
        decay: NonNegative = 0.0,
    ) -> None:
        super().__init__()
        if bias and (normalized or temperature != 1):
            raise UserError(
                "model.bias=true: normalized or divided vectors have no biases; choose model.bias=false"
            )
        self.normalized, self.temperature, self.decay = normalized, temperature, decay
        size = dim + 1 if bias else dim
        self.users = IdVectors(schema, "user", size, "model=mf")
        self.items = IdVectors(schema, "item", size, "model=mf")
        self.common = nn.Parameter(torch.zeros(())) if bias else None

    def encode_users(self, slate: Slate) -> Tensor:
        """The user's vector, then bias and 1, `[B, dim + 2]`."""
        vectors = self.scaled(self.users(slate.user)) / self.temperature
        if self.common is None:
            return vectors
        vectors = torch.cat([vectors, torch.ones_like(vectors[..., :1])], -1)
        vectors[..., -2] += self.common
        return vectors

    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The item's vector, then 1 and bias, `[..., dim + 2]`."""
        vectors = self.scaled(self.items(items))
        if self.common is None:
            return vectors
        return torch.cat([vectors[..., :-1], torch.ones_like(vectors[..., :1]), vectors[..., -1:]], -1)

    def penalty(self, slate: Slate) -> Tensor | None:
        """The decay of what the slate reads."""
        if not self.decay:
            return None
        return self.decay * decaying.of_slate(self.users(slate.user), self.items(slate.items), slate)
