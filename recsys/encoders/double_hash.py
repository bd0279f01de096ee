"""A vector put together from the buckets of two hashes."""

from typing import Literal, final

import polars as pl
import torch
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.nn.tables import Operation, TwoTables
from recsys.ops import codes
from recsys.types import ColumnType, Positive, PositiveInt


@final
class DoubleHash(Encoder):
    """Two hash functions into two tables, whose rows are summed or joined end to end.

    Zhang et al. 2020, "Model Size Reduction Using Frequency Based Double Hashing for Recommender Systems",
    without its rows for frequent values: of an entity's column every value counts once, so it has no
    frequencies. Two values share a vector only where both hashes agree, of 1 pair in `buckets`^2. There is no
    vocabulary: a value that training never saw has the rows of its buckets, like any other. The rows 0 are
    for missing values alone.

    Args:
        buckets: number of rows of each table that values are spread over.
        operation: `sum`, or `concat` of two halves, so that the tables are half as wide.
        dim: length of the vectors; None takes what the model asks for.
        init_std: standard deviation of the vectors at the start.
    """

    accepts = frozenset[ColumnType]({"id", "category"})

    def __init__(
        self,
        *,
        buckets: PositiveInt = 500,
        operation: Literal["sum", "concat"] = "sum",
        dim: PositiveInt | None = None,
        init_std: Positive = 0.05,
    ) -> None:
        self.buckets, self.dim, self.init_std = buckets, dim, init_std
        self.operation: Operation = operation

    def fit(self, values: pl.Series) -> State:
        """Nothing is learnt."""
        return {}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """The two buckets, from 1; 0 for missing values. `[N, 2]` int64."""
        texts = codes.of(values)
        return torch.stack([codes.buckets(texts, self.buckets, function) for function in (0, 1)], 1)

    def module(self, state: State, dim: int) -> nn.Module:
        """From `[..., 2]` to `[..., dim]`."""
        rows = (self.buckets + 1, self.buckets + 1)
        return TwoTables(rows, self.dim or dim, self.operation, self.init_std)
