"""A learned vector for each range of a number."""

from typing import Annotated, final

import numpy as np
import polars as pl
import torch
from annotated_types import Ge
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.types import ColumnType, Positive, PositiveInt


@final
class QuantileBins(Encoder):
    """Cut a number at the quantiles of its training values, and learn a vector for each bin.

    Bin 0 is for missing values; a value on an edge belongs to the bin above it. Equal edges are merged, so
    there can be fewer bins than asked for.

    Args:
        bins: number of bins.
        dim: length of the vectors; None takes what the model asks for.
        init_std: standard deviation of the normal distribution that the table is drawn from.
    """

    accepts = frozenset[ColumnType]({"number"})

    def __init__(
        self, *, bins: Annotated[int, Ge(2)] = 10, dim: PositiveInt | None = None, init_std: Positive = 0.05
    ) -> None:
        self.bins, self.dim, self.init_std = bins, dim, init_std

    def fit(self, values: pl.Series) -> State:
        """The inner edges, ascending."""
        numbers = values.cast(pl.Float64).fill_nan(None).drop_nulls().to_numpy()
        if not len(numbers):
            return {"edges": []}
        return {"edges": np.unique(np.quantile(numbers, np.arange(1, self.bins) / self.bins)).tolist()}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """The bin, from 1; 0 for missing values. `[N]` int64."""
        numbers = values.cast(pl.Float64).fill_nan(None)
        bins = np.searchsorted(state["edges"], numbers.fill_null(0.0).to_numpy(), side="right") + 1
        return torch.from_numpy(np.where(numbers.is_null().to_numpy(), 0, bins).astype(np.int64))

    def module(self, state: State, dim: int) -> nn.Module:
        """From `[...]` to `[..., dim]`."""
        table = nn.Embedding(len(state["edges"]) + 2, self.dim or dim)
        nn.init.normal_(table.weight, std=self.init_std)
        table.width = self.dim or dim  # type: ignore[assignment]
        return table
