"""A number as learned waves."""

from typing import final

import polars as pl
import torch
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.ops import scales
from recsys.types import ColumnType, Positive, PositiveInt


@final
class Periodic(Encoder):
    """ReLU(W [sin(2 pi c x), cos(2 pi c x), missing] + b) with learned frequencies c.

    Gorishniy et al. 2022, "On Embeddings for Numerical Features in Tabular Deep Learning", eq. 4 and section
    3.4 (PLR). x has mean 0 and standard deviation 1 over the training values; a missing value has the mean,
    and its mark.

    Args:
        frequencies: number of frequencies.
        sigma: standard deviation of the normal distribution that the frequencies are drawn from, in periods a
            standard deviation of the column: the larger, the finer the differences that count at the start.
        dim: length of the vectors; None takes what the model asks for.
    """

    accepts = frozenset[ColumnType]({"number"})

    def __init__(
        self, *, frequencies: PositiveInt = 16, sigma: Positive = 0.1, dim: PositiveInt | None = None
    ) -> None:
        self.frequencies, self.sigma, self.dim = frequencies, sigma, dim

    def fit(self, values: pl.Series) -> State:
        """Mean and standard deviation of the values that are there; 0 and 1 where none is."""
        return scales.moments(scales.finite(values))

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """The standardised value and the mark of a missing one, `[N, 2]` float32."""
        return scales.marked((scales.finite(values) - state["mean"]) / state["std"])

    def module(self, state: State, dim: int) -> nn.Module:
        """From `[..., 2]` to `[..., dim]`."""
        return _Waves(self.frequencies, self.sigma, self.dim or dim)


class _Waves(nn.Module):
    def __init__(self, frequencies: int, sigma: float, width: int) -> None:
        super().__init__()
        self.width = width
        self.frequencies = nn.Parameter(torch.randn(frequencies) * sigma)
        self.linear = nn.Linear(2 * frequencies + 1, width)

    def forward(self, pair: Tensor) -> Tensor:
        angles = 2 * torch.pi * self.frequencies * pair[..., :1]
        return self.linear(torch.cat([angles.sin(), angles.cos(), pair[..., 1:]], -1)).relu()
