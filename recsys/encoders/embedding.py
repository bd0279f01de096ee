"""A learned vector for each value."""

from typing import final

import polars as pl
import torch
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.nn.tables import Table
from recsys.ops import vocabulary
from recsys.types import ColumnType, Positive, PositiveInt


@final
class Embedding(Encoder):
    """A row of a learned table for each training value; row 0 is for missing and unseen values.

    Args:
        dim: length of the vectors; None takes what the model asks for.
        init_std: standard deviation of the normal distribution that the table is drawn from.
    """

    accepts = frozenset[ColumnType]({"id", "category", "flag"})

    def __init__(self, *, dim: PositiveInt | None = None, init_std: Positive = 0.05) -> None:
        self.dim, self.init_std = dim, init_std

    def fit(self, values: pl.Series) -> State:
        """The distinct values, in order."""
        return {"values": vocabulary.learn(values)}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """Place in the vocabulary, from 1; 0 for missing and unseen values. `[N]` int64."""
        return torch.from_numpy(vocabulary.places(values, state["values"]))

    def module(self, state: State, dim: int) -> nn.Module:
        """From `[...]` to `[..., dim]`."""
        return Table(len(state["values"]) + 1, self.dim or dim, self.init_std)
