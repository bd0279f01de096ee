"""A recurrent network over what the user took up last."""

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor, nn

from recsys.model import DualEncoder
from recsys.nn.fields import EMPTY
from recsys.nn.histories import latest
from recsys.nn.ids import IdVectors
from recsys.nn.sequences import HISTORY, Past
from recsys.types import Fraction, PositiveInt, Schema, Slate


@final
class GRU4Rec(DualEncoder):
    """Score = <state of a GRU after the user's last items, output vector of the item> + bias of the item.

    Hidasi et al. 2016, "Session-based Recommendations with Recurrent Neural Networks", sec. 3.1. A training row
    is one step of a session, with the items before it, so that any sampler and loss serve.

    Args:
        dim: length of the state and of the vectors.
        layers: of the GRU.
        dropout: share of units left out in training, of the input vectors and of the last state.
        tied: one table of item vectors for input and output, Hidasi and Karatzoglou 2018, "Recurrent Neural
            Networks with Top-k Gains for Session-based Recommendations", sec. 3.
    """

    gives = frozenset({"model.towers", "model.history"})
    needs = (HISTORY,)

    def __init__(
        self,
        schema: Schema,
        *,
        dim: PositiveInt = 64,
        layers: PositiveInt = 1,
        dropout: Fraction = 0.1,
        tied: bool = True,
    ) -> None:
        super().__init__()
        self.past = Past(schema, "model=gru4rec", dim)
        self.output = None if tied else IdVectors(schema, "item", dim, "model=gru4rec")
        self.bias = IdVectors(schema, "item", 1, "model=gru4rec")
        self.gru = nn.GRU(dim, dim, layers, batch_first=True)
        self.dropout, self.empty = nn.Dropout(dropout), nn.Parameter(torch.zeros(dim))

    def encode_users(self, slate: Slate) -> Tensor:
        """The state after the latest item, a learned one for no history, and a 1: `[B, dim + 1]`."""
        vectors, there = self.past(slate)
        # Items first: a state depends on nothing that comes after it, so not on the padding behind.
        states, _ = self.gru(self.dropout(vectors))
        state = torch.where(there.any(1, keepdim=True), latest(states, there), self.empty)
        return torch.cat([self.dropout(state), torch.ones_like(state[:, :1])], -1)

    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The items' output vectors and biases, `[..., dim + 1]`."""
        vectors = self.past.items(items) if self.output is None else self.output(items)
        return torch.cat([vectors, self.bias(items)], -1)
