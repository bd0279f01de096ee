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
    """The sum or the mean of a learned vector for each value of the list (a multi-hot code times a table).

    Unseen values are left out; an empty list is a vector of zeros. The mean is over the values that are known.

    Args:
        dim: length of the vectors; None takes what the model asks for.
        mode: how the vectors of a list become one.
        init_std: standard deviation of the normal distribution that the table is drawn from.
    """

    accepts = frozenset[ColumnType]({"categories"})

    def __init__(
        self,
        *,
        dim: PositiveInt | None = None,
        mode: Literal["mean", "sum"] = "mean",
        init_std: Positive = 0.05,
    ) -> None:
        self.dim, self.mode, self.init_std = dim, mode, init_std

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
        return _Pool(len(state["values"]) + 1, self.dim or dim, self.mode, self.init_std)


class _Pool(nn.Module):
    def __init__(self, rows: int, width: int, mode: str, std: float) -> None:
        super().__init__()
        self.width, self.mode = width, mode
        self.table = nn.Embedding(rows, width, padding_idx=0)
        nn.init.normal_(self.table.weight, std=std)
        with torch.no_grad():
            self.table.weight[0] = 0

    def forward(self, places: Tensor) -> Tensor:
        flat = places.flatten(0, -2)
        pooled = nn.functional.embedding_bag(flat, self.table.weight, mode=self.mode, padding_idx=0)
        return pooled.unflatten(0, places.shape[:-1])
