"""Frappe as a benchmark of click-through rates."""

from pathlib import Path
from typing import ClassVar, final

import polars as pl

from recsys.data import Source
from recsys.ops import reading
from recsys.ops.casting import Column, Form
from recsys.ops.folders import ByHand
from recsys.ops.indexing import index_entities
from recsys.ops.lines import Dialect
from recsys.ops.paths import data_home
from recsys.ops.splits import TEST, TRAIN, VALID
from recsys.types import Columns, ColumnType, Events

NAME = "frappe-x1"
ORIGIN = "in data/frappe of github.com/hexiangnan/neural_factorization_machine"
PARTS = {"train": TRAIN, "validation": VALID, "test": TEST}
CONTEXT = ("daytime", "weekday", "isweekend", "homework", "cost", "weather", "country", "city")
FIELDS = ("user_id", "item_id", *CONTEXT)
LIBFM = Dialect(" ", ("label", *FIELDS), quoted=False)
FORM = Form()


@final
class FrappeX1(Source):
    """288,609 app uses and sampled non-uses of 957 users and 4,082 apps in ten fields, split by the publisher.

    Baltrunas et al. 2015, "Frappe"; the two negatives of each use, and the parts of 202,027, 57,722 and 28,860
    rows, are those of He and Chua 2017, "Neural Factorization Machines", which BARS (Zhu et al. 2022) calls
    Frappe_x1. Read from `frappe-x1/` in the data home, in the libfm format, packed (`.gz`) or not; in its
    `frappe.train.REGENERATED.libfm` the negatives are drawn anew, and there are 202,005 rows. A row counts as
    shown, so that a negative is not taken for a use. There is no time.
    """

    impressions: ClassVar[bool] = True
    parted: ClassVar[bool] = True

    @property
    def columns(self) -> Columns:
        """The ten fields; values are the numbers of the publisher's features, and `click` is the label."""
        context: dict[str, ColumnType] = dict.fromkeys(CONTEXT, "category")
        return Columns(
            user={"user_id": "id"}, item={"item_id": "id"}, context=context, feedback={"click": "flag"}
        )

    def fingerprint(self) -> str:
        """Of the files."""
        return _folder().fingerprint()

    def load(self) -> Events:
        """Read the three parts."""
        found = _folder()
        marks = zip(found.files, PARTS.values(), strict=True)
        log = pl.concat([_part(found.path() / file, mark) for file, mark in marks])
        return index_entities(log, None, None, self.columns, impressions=True, parted=True)


def _folder() -> ByHand:
    """The files as they are called here: packed or not, the train file perhaps regenerated."""
    return ByHand(NAME, tuple(_file(data_home() / NAME, part) for part in PARTS), ORIGIN)


def _file(folder: Path, part: str) -> str:
    own = f"frappe.{part}.libfm"
    names = (own, f"{own}.gz", f"frappe.{part}.REGENERATED.libfm", f"frappe.{part}.REGENERATED.libfm.gz")
    return next((name for name in names if (folder / name).is_file()), own)


def _part(file: Path, mark: int) -> pl.DataFrame:
    contents = reading.read(file, LIBFM)
    label = Column(contents, contents.column("label"), FORM)
    label.refuse(
        ~label.values.is_in(["1", "-1", "0"]).fill_null(value=False), "label: write 1, or -1 for no use"
    )
    features = {name: _feature(Column(contents, contents.column(name), FORM)) for name in FIELDS}
    ids = {name: features.pop(name).cast(pl.Int64) for name in ("user_id", "item_id")}
    rows = pl.DataFrame({**ids, **features, "click": label.values == "1"})
    return rows.with_columns(pl.lit(mark, pl.Int8).alias("part"))


def _feature(column: Column) -> pl.Series:
    """The number of the one feature that is 1."""
    numbers = column.values.str.extract(r"^(\d{1,18}):1$")
    column.refuse(numbers.is_null(), "feature: write its number and :1, like 29:1")
    return numbers
