"""A number by its order of magnitude."""

from typing import final

import polars as pl
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.nn.same import Same
from recsys.ops import scales
from recsys.types import ColumnType


@final
class Log(Encoder):
    """sign(x) log(1 + |x|), standardised over the training values, beside a 1 where the value is missing.

    Below 0 it mirrors what is above, and 0 stays 0 before scaling. A missing value has the mean. A column
    that is constant in training is only centred.
    """

    accepts = frozenset[ColumnType]({"number"})

    def fit(self, values: pl.Series) -> State:
        """Mean and standard deviation of the logarithms; 0 and 1 where there is no value."""
        return scales.moments(_signed_log(values))

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """The standardised logarithm and the mark of a missing value, `[N, 2]` float32."""
        return scales.marked((_signed_log(values) - state["mean"]) / state["std"])

    def module(self, state: State, dim: int) -> nn.Module:
        """The two numbers as they are."""
        return Same(2)


def _signed_log(values: pl.Series) -> pl.Series:
    there = scales.finite(values)
    return there.sign() * there.abs().log1p()
