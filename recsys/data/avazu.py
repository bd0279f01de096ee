"""Avazu's mobile advertising rows."""

from typing import ClassVar, Literal, final

import polars as pl

from recsys.data import Source
from recsys.ops import download
from recsys.ops.indexing import index_entities
from recsys.ops.local import locate
from recsys.ops.scanning import scan_fields
from recsys.types import Columns, ColumnType, Events, PositiveInt, UserError

NAME, FILES = "avazu", ("train.csv",)
ORIGIN = "https://www.kaggle.com/competitions/avazu-ctr-prediction (train.gz, unpacked)"
NAMES = (
    *("id", "click", "hour", "C1", "banner_pos", "site_id", "site_domain", "site_category"),
    *("app_id", "app_domain", "app_category", "device_id", "device_ip", "device_model"),
    *("device_type", "device_conn_type", "C14", "C15", "C16", "C17", "C18", "C19", "C20", "C21"),
)
DEVICES = ("device_id", "device_ip")
ADVERTISEMENT = "C14"
HOUR = r"^\d{8}$"


@final
class Avazu(Source):
    """Impressions of mobile advertisements by the hour: a click and 21 categories.

    Avazu's Kaggle challenge of 2014: 40,428,967 rows, 21 to 30 October 2014, the negatives thinned out by the
    publisher. Read from `avazu/` in the data home, where `train.csv` has to be put, in a stream.

    The file names neither user nor advertisement. A user is a device: `device_ip` by default, since one
    `device_id` (a99f214a) stands for most rows without one; an address can be shared, and a person can have
    several. An item is a value of `C14`, the finest of the anonymous columns that go with the advertisement, as
    is widely assumed and nowhere said. The other columns are context, among them those that may be the
    advertisement's (C15 to C21). Hours are UTC, and rows of an hour have no order. A
    row takes some 0.5 kB of memory.

    Args:
        user: the column that stands for the user; the other is context.
        rows: only so many from the beginning; None takes all.
    """

    impressions: ClassVar[bool] = True

    def __init__(
        self,
        *,
        user: Literal["device_ip", "device_id"] = "device_ip",
        rows: PositiveInt | None = None,
    ) -> None:
        self.user, self.rows = user, rows

    @property
    def columns(self) -> Columns:
        """What the file holds; `timestamp` is the hour's beginning."""
        apart = ("id", "click", "hour", self.user, ADVERTISEMENT)
        context: dict[str, ColumnType] = dict.fromkeys((n for n in NAMES if n not in apart), "category")
        return Columns(
            user={self.user: "id"},
            item={ADVERTISEMENT: "id"},
            context={"timestamp": "time", **context},
            feedback={"click": "flag"},
        )

    def fingerprint(self) -> str:
        """Of the file, and how many rows are read."""
        return f"{NAME} {self.rows} {download.fingerprint(locate(NAME, FILES, ORIGIN), FILES)}"

    def load(self) -> Events:
        """Read the file."""
        file = locate(NAME, FILES, ORIGIN) / FILES[0]
        types: dict[str, type[pl.DataType]] = dict.fromkeys((n for n in NAMES if n != "id"), pl.String)
        needed = ("click", "hour", self.user, ADVERTISEMENT)
        raw = scan_fields(file, ",", NAMES, types, required=needed, header=True, rows=self.rows)
        hour = (pl.col("hour") + "00").str.to_datetime("%y%m%d%H%M", strict=False, time_unit="ms")
        shape = pl.col("hour").str.contains(HOUR)
        known = raw.with_columns(timestamp=pl.when(shape).then(hour.dt.epoch("s")).cast(pl.Int64))
        for name, good, wanted in (
            ("click", known["click"].is_in(["0", "1"]), "flag: write 0 or 1"),
            ("hour", known["timestamp"].is_not_null(), "hour: write YYMMDDHH, like 14102100"),
        ):
            if not good.all():
                row = good.arg_min() or 0
                raise UserError(f"{file}: row {row + 1}, column {name!r}: {raw[name][row]!r} is no {wanted}")
        log = known.with_columns(pl.col("click") == "1").drop("hour")
        return index_entities(log, None, None, self.columns, impressions=self.impressions)
