"""A vector for a list of values."""

from typing import Literal, final

import polars as pl
import torch
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.ops import vocabulary
from recsys.types import ColumnType, Positive, PositiveInt


@final
class Bag(Encoder):
    """One vector of the learned vectors of the list's values: their sum, mean, or attention-weighted mean.

    The sum is the multi-hot code times a table. With attention, value i of the list weighs softmax_i(<q, v_i>
    / sqrt(dim)) with a learned query q, zero at the start, so that it begins as the mean. Unseen values are
    left out. An empty or missing list is a vector of zeros; with attention, a learned vector.

    Args:
        dim: length of the vectors; None takes what the model asks for.
        pooling: how the vectors of a list become one.
        init_std: standard deviation of the normal distribution that the table is drawn from.
    """

    accepts = frozenset[ColumnType]({"categories"})

    def __init__(
        self,
        *,
        dim: PositiveInt | None = None,
        pooling: Literal["mean", "sum", "attention"] = "mean",
        init_std: Positive = 0.05,
    ) -> None:
        self.dim, self.pooling, self.init_std = dim, pooling, init_std

    def fit(self, values: pl.Series) -> State:
        """The distinct values of all lists, in order."""
        return {"values": vocabulary.learn(values.explode())}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """Places in the vocabulary, from 1, known ones first, then zeros. `[N, L]` int64."""
        frame = pl.DataFrame({"row": range(len(values)), "value": values}, schema_overrides={"row": pl.Int64})
        flat = frame.explode("value")
        places = vocabulary.places(flat["value"], state["values"])
        row = flat["row"].to_numpy()[places > 0]
        slot = (
            pl.DataFrame({"row": row})
            .select(pl.int_range(pl.len()).over("row").alias("slot"))["slot"]
            .to_numpy()
        )
        known = torch.zeros(len(values), int(slot.max()) + 1 if len(slot) else 1, dtype=torch.int64)
        known[torch.from_numpy(row.copy()), torch.from_numpy(slot.copy())] = torch.from_numpy(
            places[places > 0]
        )
        return known

    def module(self, state: State, dim: int) -> nn.Module:
        """From `[..., L]` to `[..., dim]`."""
        rows, width = len(state["values"]) + 1, self.dim or dim
        if self.pooling == "attention":
            return _Attention(rows, width, self.init_std)
        return _Pool(rows, width, self.pooling, self.init_std)


class _Pool(nn.Module):
    def __init__(self, rows: int, width: int, mode: str, std: float) -> None:
        super().__init__()
        self.width, self.mode = width, mode
        self.table = _padded(rows, width, std)

    def forward(self, places: Tensor) -> Tensor:
        flat = places.flatten(0, -2)
        pooled = nn.functional.embedding_bag(flat, self.table.weight, mode=self.mode, padding_idx=0)
        return pooled.unflatten(0, places.shape[:-1])


class _Attention(nn.Module):
    def __init__(self, rows: int, width: int, std: float) -> None:
        super().__init__()
        self.width = width
        self.table = _padded(rows, width, std)
        self.query = nn.Parameter(torch.zeros(width))
        self.empty = nn.Parameter(torch.randn(width) * std)

    def forward(self, places: Tensor) -> Tensor:
        there = places > 0
        vectors = self.table(places)
        scores = (vectors @ self.query) / self.width**0.5
        shares = scores.masked_fill(~there, torch.finfo(scores.dtype).min).softmax(-1)
        pooled = (shares.unsqueeze(-1) * vectors).sum(-2)
        return torch.where(there.any(-1, keepdim=True), pooled, self.empty)


def _padded(rows: int, width: int, std: float) -> nn.Embedding:
    """A table whose row 0 is, and stays, zeros."""
    table = nn.Embedding(rows, width, padding_idx=0)
    nn.init.normal_(table.weight, std=std)
    with torch.no_grad():
        table.weight[0] = 0
    return table
