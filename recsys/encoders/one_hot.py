"""A slot for each value."""

from typing import final

import polars as pl
import torch
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.ops import vocabulary
from recsys.types import ColumnType, PositiveInt, UserError


@final
class OneHot(Encoder):
    """1 in the slot of the value, 0 elsewhere; slot 0 is for missing and unseen values.

    Args:
        max_values: refuse a column with more training values than this.
    """

    accepts = frozenset[ColumnType]({"id", "category", "flag"})

    def __init__(self, *, max_values: PositiveInt = 10_000) -> None:
        self.max_values = max_values

    def fit(self, values: pl.Series) -> State:
        """The distinct values, in order.

        Raises:
            UserError: there are more than `max_values`.
        """
        learnt = vocabulary.learn(values)
        if len(learnt) > self.max_values:
            raise UserError(
                f"one_hot: column {values.name!r} has {len(learnt):,} values, more than "
                f"max_values={self.max_values}; raise it, or choose embedding"
            )
        return {"values": learnt}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """Place in the vocabulary, from 1; 0 for missing and unseen values. `[N]` int64."""
        return torch.from_numpy(vocabulary.places(values, state["values"]))

    def module(self, state: State, dim: int) -> nn.Module:
        """From `[...]` to `[..., values + 1]`."""
        return _Slots(len(state["values"]) + 1)


class _Slots(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width

    def forward(self, places: Tensor) -> Tensor:
        return nn.functional.one_hot(places, self.width).float()
