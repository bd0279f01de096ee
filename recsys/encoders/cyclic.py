"""A moment as its place in the day, the week and the year."""

from collections.abc import Sequence
from typing import Literal, final

import numpy as np
import polars as pl
import torch
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.nn.same import Same
from recsys.types import ColumnType

DAY, WEEK = 86_400, 7 * 86_400
LENGTHS = {"day": DAY, "week": WEEK, "year": 365 * DAY}
MONDAY = 4 * DAY
"""1970-01-05, the first Monday of the era, in seconds."""


@final
class Cyclic(Encoder):
    """Sine and cosine of the hour of the day, the day of the week and the day of the year, UTC.

    With s the share of the period that is over: sin(2 pi s), cos(2 pi s). The week starts on Monday, the year
    on 1 January; a leap year is as long as it is. Time runs on within the hour and the day. Zeros for a
    missing moment. A period that is longer than the time that training spans is left out: its places after
    training are ones that no training row had. If that leaves none, all are kept.

    Args:
        periods: which of the three.
    """

    accepts = frozenset[ColumnType]({"time"})

    def __init__(self, *, periods: Sequence[Literal["day", "week", "year"]] = ("day", "week", "year")) -> None:
        self.periods = tuple(periods)

    def fit(self, values: pl.Series) -> State:
        """The periods that training spans."""
        there = values.drop_nulls().cast(pl.Int64).to_numpy()
        span = int(there.max() - there.min()) if len(there) else 0
        return {"periods": [period for period in self.periods if LENGTHS[period] <= span] or list(self.periods)}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """Sine and cosine of each period that is kept, `[N, 2 periods]` float32."""
        seconds = values.cast(pl.Int64).fill_null(0).to_numpy()
        there = torch.tensor(values.is_not_null().to_numpy(), dtype=torch.float64)
        angles = [2 * torch.pi * torch.from_numpy(SHARES[period](seconds)) for period in self._kept(state)]
        waves = torch.stack([wave for angle in angles for wave in (angle.sin(), angle.cos())], 1)
        return (waves * there[:, None]).float()

    def module(self, state: State, dim: int) -> nn.Module:
        """The numbers as they are."""
        return Same(2 * len(self._kept(state)))

    def _kept(self, state: State) -> Sequence[str]:
        return state.get("periods", self.periods)


def _year(seconds: np.ndarray) -> np.ndarray:
    year = seconds.astype("datetime64[s]").astype("datetime64[Y]")
    start, end = ((year + add).astype("datetime64[s]").astype(np.int64) for add in (0, 1))
    return (seconds - start) / (end - start)


SHARES = {
    "day": lambda seconds: (seconds % DAY) / DAY,
    "week": lambda seconds: ((seconds - MONDAY) % WEEK) / WEEK,
    "year": _year,
}
"""The share of the period that is over, `[N]` float64, of moments in seconds since 1970."""
