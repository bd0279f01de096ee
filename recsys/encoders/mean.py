"""A sequence as the mean of its items' vectors."""

from typing import final

import polars as pl
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.nn.histories import Items
from recsys.ops import vocabulary
from recsys.types import ColumnType, Positive, PositiveInt


@final
class Mean(Encoder):
    """The mean of a learned vector for each item.

    The order makes no difference, and an item counts as often as it comes. Items that training did not see
    share one learned vector. A sequence without items has a learned vector of its own.

    Args:
        dim: length of the vectors; None takes what the model asks for.
        init_std: standard deviation of the normal distribution that the vectors are drawn from.
    """

    accepts = frozenset[ColumnType]({"sequence"})

    def __init__(self, *, dim: PositiveInt | None = None, init_std: Positive = 0.05) -> None:
        self.dim, self.init_std = dim, init_std

    def fit(self, values: pl.Series) -> State:
        """The items of training, ascending."""
        return {"items": vocabulary.learn(values)}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """Never called: a sequence holds item indices already."""
        raise NotImplementedError("a sequence is read as it is")

    def module(self, state: State, dim: int) -> nn.Module:
        """From `[..., L]` item indices, -1 where there is none, to `[..., dim]`."""
        return _Mean(Items(state["items"], self.dim or dim, self.init_std))


class _Mean(nn.Module):
    def __init__(self, items: Items) -> None:
        super().__init__()
        self.items, self.width = items, items.width

    def forward(self, items: Tensor) -> Tensor:
        vectors, there = self.items(items)
        mean = vectors.sum(-2) / there.sum(-1, keepdim=True).clamp_min(1)
        return self.items.or_empty(mean, there)
