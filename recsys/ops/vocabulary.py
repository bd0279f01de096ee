"""Values as places in a list."""

from typing import Any

import numpy as np
import polars as pl


def learn(values: pl.Series) -> list[Any]:
    """The distinct values, ascending, missing ones left out."""
    return values.drop_nulls().unique().sort().to_list()


def places(values: pl.Series, vocabulary: list[Any]) -> np.ndarray:
    """The place of each value, from 1; 0 for missing values and those not in the vocabulary. `[N]` int64."""
    known = pl.Series("value", vocabulary, dtype=values.dtype)
    table = pl.DataFrame({"value": known, "place": np.arange(1, len(known) + 1)})
    asked = values.rename("value").to_frame()
    joined = asked.join(table, on="value", how="left", maintain_order="left")
    return joined["place"].fill_null(0).cast(pl.Int64).to_numpy().copy()
