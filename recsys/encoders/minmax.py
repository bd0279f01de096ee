"""A number from 0 to 1."""

from typing import final

import polars as pl
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.nn.same import Same
from recsys.ops import scales
from recsys.types import ColumnType


@final
class MinMax(Encoder):
    """(x - min) / (max - min) of the training values, from 0 to 1, beside a 1 where the value is missing.

    A missing value has the middle, 0.5. A column that is constant in training is only shifted.

    Args:
        clip: hold values outside the range of training at its ends; otherwise they go on beyond 0 and 1.
    """

    accepts = frozenset[ColumnType]({"number"})

    def __init__(self, *, clip: bool = True) -> None:
        self.clip = clip

    def fit(self, values: pl.Series) -> State:
        """The smallest and the largest value; 0 and 1 where there is none."""
        there = scales.finite(values).drop_nulls()
        return {"min": there.min(), "max": there.max()} if len(there) else {"min": 0.0, "max": 1.0}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """The scaled value and the mark of a missing one, `[N, 2]` float32."""
        scaled = (scales.finite(values) - state["min"]) / ((state["max"] - state["min"]) or 1.0)
        return scales.marked(scaled.clip(0.0, 1.0) if self.clip else scaled, missing=0.5)

    def module(self, state: State, dim: int) -> nn.Module:
        """The two numbers as they are."""
        return Same(2)
