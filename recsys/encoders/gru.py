"""A sequence as the last state of a recurrent network."""

from typing import final

import polars as pl
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.nn.histories import Items, latest, packed
from recsys.ops import vocabulary
from recsys.types import ColumnType, Positive, PositiveInt


@final
class Gru(Encoder):
    """The last hidden state of gated recurrent units over the items' learned vectors, in order.

    Hidasi et al. 2016, "Session-based Recommendations with Recurrent Neural Networks" (GRU4Rec). Padding never
    enters: the state is read at the last item. Items that training did not see share one learned vector. A
    sequence without items has a learned vector of its own.

    Args:
        layers: one above the other.
        dim: length of the vectors and of the hidden state; None takes what the model asks for.
        init_std: standard deviation of the normal distribution that the items' vectors are drawn from.
    """

    accepts = frozenset[ColumnType]({"sequence"})

    def __init__(
        self, *, layers: PositiveInt = 1, dim: PositiveInt | None = None, init_std: Positive = 0.05
    ) -> None:
        self.layers, self.dim, self.init_std = layers, dim, init_std

    def fit(self, values: pl.Series) -> State:
        """The items of training, ascending."""
        return {"items": vocabulary.learn(values)}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """Never called: a sequence holds item indices already."""
        raise NotImplementedError("a sequence is read as it is")

    def module(self, state: State, dim: int) -> nn.Module:
        """From `[..., L]` item indices, -1 where there is none, to `[..., dim]`."""
        return _Gru(Items(state["items"], self.dim or dim, self.init_std), self.layers)


class _Gru(nn.Module):
    def __init__(self, items: Items, layers: int) -> None:
        super().__init__()
        self.items, self.width = items, items.width
        self.gru = nn.GRU(self.width, self.width, layers, batch_first=True)

    def forward(self, items: Tensor) -> Tensor:
        # Items first: a state depends on nothing that comes after it, so not on the padding behind.
        vectors, there = self.items(packed(items.flatten(0, -2)))
        states, _ = self.gru(vectors)
        return self.items.or_empty(latest(states, there), there).unflatten(0, items.shape[:-1])
