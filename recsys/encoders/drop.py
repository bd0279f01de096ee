"""A column that is not used."""

from typing import final

import polars as pl
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.types import ColumnType


@final
class Drop(Encoder):
    """Leave the column out; the results say so."""

    accepts = frozenset[ColumnType](
        {"id", "number", "category", "categories", "text", "geo", "time", "flag", "sequence"}
    )
    used = False

    def fit(self, values: pl.Series) -> State:
        """Nothing is learnt."""
        return {}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """Never called: the column is left out before."""
        raise NotImplementedError("a dropped column has no encoding")

    def module(self, state: State, dim: int) -> nn.Module:
        """Never called: the column is left out before."""
        raise NotImplementedError("a dropped column has no encoding")
