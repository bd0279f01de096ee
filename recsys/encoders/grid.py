"""A place as a learned vector of its cell."""

from typing import final

import polars as pl
import torch
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.nn.tables import Table
from recsys.ops import geography, vocabulary
from recsys.types import ColumnType, Positive, PositiveInt


@final
class Grid(Encoder):
    """A row of a learned table for each cell of a grid that has a training place in it.

    Cells are at least `km` high and, along their middle, wide; hardly more, near the poles too: bands of
    latitude, each with as many cells as its length has room for. A place in a cell without training places, and
    a missing one, have a row each. Neighbouring cells have nothing in common.

    Args:
        km: side of a cell.
        dim: length of the vectors; None takes what the model asks for.
        init_std: standard deviation of the normal distribution that the table is drawn from.
    """

    accepts = frozenset[ColumnType]({"geo"})

    def __init__(
        self, *, km: Positive = 25.0, dim: PositiveInt | None = None, init_std: Positive = 0.05
    ) -> None:
        self.km, self.dim, self.init_std = km, dim, init_std

    def fit(self, values: pl.Series) -> State:
        """The cells with training places, ascending."""
        cells = pl.Series(geography.cells(geography.degrees(values), self.km), dtype=pl.Int64)
        return {"cells": vocabulary.learn(cells.filter(cells >= 0))}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """Place among the cells, from 2; 1 for another cell, 0 for a missing place. `[N]` int64."""
        cells = pl.Series(geography.cells(geography.degrees(values), self.km), dtype=pl.Int64)
        places = torch.from_numpy(vocabulary.places(cells, state["cells"])) + 1
        return torch.where(torch.from_numpy((cells < 0).to_numpy().copy()), 0, places)

    def module(self, state: State, dim: int) -> nn.Module:
        """From `[...]` to `[..., dim]`."""
        return Table(len(state["cells"]) + 2, self.dim or dim, self.init_std)
