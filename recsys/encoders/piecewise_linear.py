"""A number as how far it fills each range."""

from typing import final

import numpy as np
import polars as pl
import torch
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.ops import scales
from recsys.types import ColumnType, PositiveInt


@final
class PiecewiseLinear(Encoder):
    """For each range between quantiles of the training values the share of it that lies below the value.

    Gorishniy et al. 2022, "On Embeddings for Numerical Features in Tabular Deep Learning", eq. 1 (PLE): with
    edges b_0 < ... < b_T, e_t = (x - b_{t-1}) / (b_t - b_{t-1}), held at 0 from below except in the first
    range and at 1 from above except in the last. The linear layer that follows is the model's. Equal edges
    are merged, so there can be fewer ranges than asked for. A missing value has zeros and a 1 in a slot of
    its own.

    Args:
        bins: number of ranges.
    """

    accepts = frozenset[ColumnType]({"number"})

    def __init__(self, *, bins: PositiveInt = 10) -> None:
        self.bins = bins

    def fit(self, values: pl.Series) -> State:
        """The edges with both ends, ascending; fewer than two where training has fewer than two values."""
        there = scales.finite(values).drop_nulls().to_numpy()
        edges = np.quantile(there, np.arange(self.bins + 1) / self.bins) if len(there) else there
        return {"edges": np.unique(edges).tolist()}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """How many ranges lie below the value, the share of its own added, and a missing mark.

        `[N, 2]` float32.
        """
        there, edges = scales.finite(values), np.array(state["edges"])
        if len(edges) < 2:
            return scales.marked(there * 0.0)
        x = there.fill_null(0.0).to_numpy()
        range_ = np.searchsorted(edges[1:-1], x, side="right")
        filled = range_ + (x - edges[range_]) / (edges[range_ + 1] - edges[range_])
        return torch.where(scales.marked(there)[:, 1:] > 0, torch.tensor([0.0, 1.0]), _pair(filled))

    def module(self, state: State, dim: int) -> nn.Module:
        """From `[..., 2]` to `[..., ranges + 1]`."""
        return _Ranges(max(len(state["edges"]) - 1, 0))


def _pair(filled: np.ndarray) -> Tensor:
    first = torch.from_numpy(filled.astype(np.float32))
    return torch.stack([first, torch.zeros_like(first)], 1)


class _Ranges(nn.Module):
    def __init__(self, ranges: int) -> None:
        super().__init__()
        self.width = ranges + 1
        low, high = torch.zeros(ranges), torch.ones(ranges)
        low[:1], high[-1:] = -torch.inf, torch.inf
        for name, values in (("start", torch.arange(ranges).float()), ("low", low), ("high", high)):
            self.register_buffer(name, values, persistent=False)

    def forward(self, pair: Tensor) -> Tensor:
        filled, missing = pair[..., :1], pair[..., 1:]
        shares = (filled - self.start).clamp(self.low, self.high)  # type: ignore[operator]
        return torch.cat([shares * (1 - missing), missing], -1)
