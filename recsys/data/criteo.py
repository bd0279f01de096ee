"""Criteo's display advertising rows."""

from typing import ClassVar, final

import polars as pl

from recsys.data import Source
from recsys.ops import download
from recsys.ops.indexing import index_entities
from recsys.ops.local import locate
from recsys.ops.scanning import scan_fields
from recsys.types import Columns, ColumnType, Events, PositiveInt, UserError

NAME, FILES = "criteo", ("train.txt",)
ORIGIN = "https://www.kaggle.com/competitions/criteo-display-ad-challenge (dac.tar.gz)"
NUMBERS = tuple(f"I{place}" for place in range(1, 14))
CATEGORIES = tuple(f"C{place}" for place in range(1, 27))


@final
class Criteo(Source):
    """Impressions of advertisements: a click, 13 counts (I1 to I13) and 26 hashed categories (C1 to C26).

    Criteo's Kaggle display advertising challenge of 2014: 45,840,617 rows of seven days in the order of time,
    which the file does not tell. Read from `criteo/` in the data home, where `train.txt` has to be put, in a
    stream. Nobody knows which columns are of the user, of the advertisement or of the page: so all are context,
    every row has the one user `anyone` and the one item `advertisement`, rankings and per-user metrics mean
    nothing, and row metrics (ROC AUC, log loss) are what they are in the literature. Empty fields
    are missing. A row takes some 0.4 kB of memory.

    Args:
        rows: only so many from the beginning; None takes all.
    """

    impressions: ClassVar[bool] = True

    def __init__(self, *, rows: PositiveInt | None = None) -> None:
        self.rows = rows

    @property
    def columns(self) -> Columns:
        """What the file holds."""
        numbers: dict[str, ColumnType] = dict.fromkeys(NUMBERS, "number")
        categories: dict[str, ColumnType] = dict.fromkeys(CATEGORIES, "category")
        return Columns(
            user={"user_id": "id"},
            item={"item_id": "id"},
            context={**numbers, **categories},
            feedback={"click": "flag"},
        )

    def fingerprint(self) -> str:
        """Of the file, and how many rows are read."""
        return f"{NAME} {self.rows} {download.fingerprint(locate(NAME, FILES, ORIGIN), FILES)}"

    def load(self) -> Events:
        """Read the file."""
        file = locate(NAME, FILES, ORIGIN) / FILES[0]
        types: dict[str, type[pl.DataType]] = {
            "click": pl.Int64,
            **dict.fromkeys(NUMBERS, pl.Float64),
            **dict.fromkeys(CATEGORIES, pl.String),
        }
        raw = scan_fields(file, "\t", tuple(types), types, required=("click",), rows=self.rows)
        strange = ~raw["click"].is_in([0, 1])
        if strange.any():
            row = strange.arg_max() or 0
            raise UserError(f"{file}: row {row + 1}, column 'click': {raw['click'][row]} is neither 0 nor 1")
        log = raw.with_columns(pl.col("click") == 1, user_id=pl.lit("anyone"), item_id=pl.lit("advertisement"))
        return index_entities(log, None, None, self.columns, impressions=self.impressions)
