"""A place as a point on the unit sphere."""

from typing import final

import numpy as np
import polars as pl
import torch
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.nn.same import Same
from recsys.ops import geography
from recsys.types import ColumnType


@final
class Sphere(Encoder):
    """(cos lat cos lon, cos lat sin lon, sin lat): the inner product of two places orders them by distance.

    It is the cosine of the angle between them, and the distance along the great circle is the earth's radius
    times that angle. A missing place has zeros, which no place has.
    """

    accepts = frozenset[ColumnType]({"geo"})

    def fit(self, values: pl.Series) -> State:
        """Nothing is learnt."""
        return {}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """The point, `[N, 3]` float32."""
        return torch.from_numpy(np.nan_to_num(geography.sphere(geography.degrees(values)))).float()

    def module(self, state: State, dim: int) -> nn.Module:
        """The numbers as they are."""
        return Same(3)
