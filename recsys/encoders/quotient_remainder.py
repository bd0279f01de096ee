"""A vector put together from a quotient and a remainder."""

from typing import final

import polars as pl
import torch
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.nn.tables import Operation, TwoTables
from recsys.ops import vocabulary
from recsys.types import ColumnType, Positive, PositiveInt


@final
class QuotientRemainder(Encoder):
    """Value i of n has row floor(i / m) of one table and row i mod m of another, put together.

    Shi et al. 2020, "Compositional Embeddings Using Complementary Partitions for Memory-Efficient
    Recommendation Systems", section 2. No two training values share both rows. Missing and unseen values have
    rows of their own.

    Args:
        collisions: m, the number of values that share a row of the first table. The tables have n / m + m rows,
            fewest at the square root of n.
        operation: elementwise `product`, `sum`, or `concat` of two halves, so that the tables are half as wide.
        dim: length of the vectors; None takes what the model asks for.
        init_std: standard deviation of the vectors at the start.
    """

    accepts = frozenset[ColumnType]({"id", "category"})

    def __init__(
        self,
        *,
        collisions: PositiveInt = 4,
        operation: Operation = "product",
        dim: PositiveInt | None = None,
        init_std: Positive = 0.05,
    ) -> None:
        self.collisions, self.dim, self.init_std = collisions, dim, init_std
        self.operation: Operation = operation

    def fit(self, values: pl.Series) -> State:
        """The distinct values, in order."""
        return {"values": vocabulary.learn(values)}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """Quotient and remainder of the place in the vocabulary, from 1; 0 for other values. `[N, 2]` int64."""
        places = torch.from_numpy(vocabulary.places(values, state["values"]))
        index = places - 1
        pair = torch.stack([index // self.collisions, index % self.collisions], 1) + 1
        return torch.where(places[:, None] > 0, pair, 0)

    def module(self, state: State, dim: int) -> nn.Module:
        """From `[..., 2]` to `[..., dim]`."""
        rows = (-(-len(state["values"]) // self.collisions) + 1, self.collisions + 1)
        return TwoTables(rows, self.dim or dim, self.operation, self.init_std)
