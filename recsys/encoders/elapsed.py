"""A moment as its age."""

from datetime import UTC, datetime
from typing import final

import polars as pl
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.nn.same import Same
from recsys.ops import scales
from recsys.types import ColumnType, UserError

DAY = 86_400


@final
class Elapsed(Encoder):
    """sign(a) log(1 + |a|) of the age a in days at the reference, beside a 1 where the moment is missing.

    The age is above 0 before the reference and below 0 after it. A missing moment has age 0.

    Args:
        reference: a date or moment in ISO 8601, UTC where it names no zone; None takes the latest training
            value of the column, which for the time of events is the end of training.
    """

    accepts = frozenset[ColumnType]({"time"})

    def __init__(self, *, reference: str | None = None) -> None:
        self.reference = reference

    def fit(self, values: pl.Series) -> State:
        """The reference, in seconds since 1970.

        Raises:
            UserError: `reference` is no moment.
        """
        if self.reference is not None:
            return {"reference": _seconds(self.reference)}
        latest = values.cast(pl.Int64).max()
        return {"reference": 0 if latest is None else latest}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """The signed logarithm of the age and the mark of a missing moment, `[N, 2]` float32."""
        age = (state["reference"] - values.cast(pl.Int64)).cast(pl.Float64) / DAY
        return scales.marked(age.sign() * age.abs().log1p())

    def module(self, state: State, dim: int) -> nn.Module:
        """The two numbers as they are."""
        return Same(2)


def _seconds(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(
            f"elapsed: reference={text!r} is no moment; write it like 2024-01-31 or 2024-01-31T18:00:00"
        ) from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
