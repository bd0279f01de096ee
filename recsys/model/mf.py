"""Matrix factorisation."""

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from recsys.model import DualEncoder
from recsys.nn import decay as decaying
from recsys.nn.fields import EMPTY, FieldBank
from recsys.nn.project import to_width
from recsys.types import NonNegative, Positive, PositiveInt, Schema, Side, Slate, UserError


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
        self.bias, self.normalized, self.temperature, self.decay = bias, normalized, temperature, decay
        size = dim + 1 if bias else dim
        self.users, self.user_vectors = _ids(schema, "user", size)
        self.items, self.item_vectors = _ids(schema, "item", size)
        self.common = nn.Parameter(torch.zeros(()))

    def encode_users(self, slate: Slate) -> Tensor:
        """The user's vector, then bias and 1, `[B, dim + 2]`."""
        vectors = self._scale(self.user_vectors(self.users(slate.user)[0])) / self.temperature
        if not self.bias:
            return vectors
        vectors = torch.cat([vectors, torch.ones_like(vectors[..., :1])], -1)
        vectors[..., -2] += self.common
        return vectors

    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The item's vector, then 1 and bias, `[..., dim + 2]`."""
        vectors = self._scale(self.item_vectors(self.items(items)[0]))
        if not self.bias:
            return vectors
        return torch.cat([vectors[..., :-1], torch.ones_like(vectors[..., :1]), vectors[..., -1:]], -1)

    def _scale(self, vectors: Tensor) -> Tensor:
        return normalize(vectors, dim=-1) if self.normalized else vectors

    def penalty(self, slate: Slate) -> Tensor | None:
        """The decay of what the slate reads."""
        if not self.decay:
            return None
        users = self.user_vectors(self.users(slate.user)[0])
        items = self.item_vectors(self.items(slate.items)[0])
        return self.decay * decaying.of_slate(users, items, slate)


def _ids(schema: Schema, side: Side, size: int) -> tuple[FieldBank, nn.Module]:
    fields = [field for field in schema.fields if field.side == side and field.type == "id"]
    if not fields:
        raise UserError(f"model=mf reads the {side} id, which is dropped; choose encoders/id=embedding")
    bank = FieldBank(fields, size)
    return bank, to_width(bank.width, size)
