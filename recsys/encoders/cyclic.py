"""A moment as its place in the day and in the week."""

from typing import final

import polars as pl
import torch
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.nn.same import Same
from recsys.types import ColumnType

DAY, WEEK = 86_400, 7 * 86_400
MONDAY = 4 * DAY
"""1970-01-05, the first Monday of the era, in seconds."""


@final
class Cyclic(Encoder):
    """Sine and cosine of the hour of the day and of the day of the week, UTC; zeros for a missing moment.

    With t in seconds: sin(2 pi t / day), cos(2 pi t / day), and the same over the week, which starts on
    Monday. Time runs on within the hour and the day.
    """

    accepts = frozenset[ColumnType]({"time"})

    def fit(self, values: pl.Series) -> State:
        """Nothing is learnt."""
        return {}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """`[N, 4]` float32."""
        seconds = torch.tensor(values.cast(pl.Int64).fill_null(0).to_numpy(), dtype=torch.float64)
        there = torch.tensor(values.is_not_null().to_numpy(), dtype=torch.float64)
        day = 2 * torch.pi * (seconds % DAY) / DAY
        week = 2 * torch.pi * ((seconds - MONDAY) % WEEK) / WEEK
        waves = torch.stack([day.sin(), day.cos(), week.sin(), week.cos()], 1)
        return (waves * there[:, None]).float()

    def module(self, state: State, dim: int) -> nn.Module:
        """The four numbers as they are."""
        return Same(4)
