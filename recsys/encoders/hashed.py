"""A learned vector for each bucket of a hash."""

from typing import final

import polars as pl
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.nn.tables import Table
from recsys.ops import codes
from recsys.types import ColumnType, Positive, PositiveInt


@final
class Hashed(Encoder):
    """A row of a learned table for each bucket; a value's bucket is the hash of its text modulo `buckets`.

    Weinberger et al. 2009, "Feature Hashing for Large Scale Multitask Learning". There is no vocabulary: a
    value that training never saw has the row of its bucket, like any other. Row 0 is for missing values
    alone.

    Args:
        buckets: number of rows that values are spread over.
        dim: length of the vectors; None takes what the model asks for.
        init_std: standard deviation of the normal distribution that the table is drawn from.
    """

    accepts = frozenset[ColumnType]({"id", "category"})

    def __init__(
        self, *, buckets: PositiveInt = 1000, dim: PositiveInt | None = None, init_std: Positive = 0.05
    ) -> None:
        self.buckets, self.dim, self.init_std = buckets, dim, init_std

    def fit(self, values: pl.Series) -> State:
        """Nothing is learnt."""
        return {}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """The bucket, from 1; 0 for missing values. `[N]` int64."""
        return codes.buckets(codes.of(values), self.buckets)

    def module(self, state: State, dim: int) -> nn.Module:
        """From `[...]` to `[..., dim]`."""
        return Table(self.buckets + 1, self.dim or dim, self.init_std)
