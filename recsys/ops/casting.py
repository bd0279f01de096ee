"""A column as it was read, as a column of its declared type; the first value that does not fit is named."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import polars as pl

from recsys.ops.contents import Contents
from recsys.ops.moments import seconds_of
from recsys.types import ColumnType, UserError

TimeUnit = Literal["seconds", "milliseconds", "microseconds", "nanoseconds"]
PER_SECOND: dict[TimeUnit, int] = {
    "seconds": 1,
    "milliseconds": 1_000,
    "microseconds": 1_000_000,
    "nanoseconds": 1_000_000_000,
}
LATEST = 100_000_000_000
"""Seconds after 1970: from here on (the year 5138) a time is taken to be in a smaller unit."""

TRUE, FALSE = ("true", "1", "yes", "t", "y"), ("false", "0", "no", "f", "n")


@dataclass(frozen=True)
class Form:
    """How values are written.

    Attributes:
        list_separator: between the values of a `categories` field in text.
        time_unit: of times that are numbers.
        time_format: of times that are text (strptime); None takes ISO 8601.
    """

    list_separator: str = "|"
    time_unit: TimeUnit = "seconds"
    time_format: str | None = None


@dataclass(frozen=True)
class Column:
    """A column on its way to its type, and where it comes from; or a piece of it, from row `start` on."""

    contents: Contents
    values: pl.Series
    form: Form
    start: int = 0

    def refuse(self, bad: pl.Series, wanted: str) -> None:
        """Name the first bad value, and what would be right."""
        if bad.any():
            row = bad.arg_max() or 0
            raise UserError(f"{self.at(row)}: {_shown(self.values[row])} is no {wanted}")

    def at(self, row: int) -> str:
        """File, line and column of a row."""
        return f"{self.contents.at(self.start + row)}, column {self.values.name!r}"


def _shown(value: object) -> str:
    if isinstance(value, date):
        return str(value)
    return repr(value.to_list() if isinstance(value, pl.Series) else value)


def typed(column: Column, type_: ColumnType) -> pl.Series:
    """The values in their type; in text an empty field is a missing value.

    Raises:
        UserError: a value is not of the type; names file, line and column of the first.
    """
    if column.values.dtype == pl.String:
        text = column.values.replace("", None)
        column = replace(column, values=text)
    try:
        if column.values.dtype.is_nested() and type_ not in ("categories", "geo"):
            raise pl.exceptions.InvalidOperationError("several values are not one")
        return _CASTS[type_](column)
    except pl.exceptions.PolarsError:
        raise UserError(
            f"{column.contents.name}: column {column.values.name!r} is {column.values.dtype}, "
            f"which cannot be read as {type_}"
        ) from None


def _id(column: Column) -> pl.Series:
    """Whole numbers where all are written as such; 007 stays text."""
    values = column.values
    if values.dtype in (pl.Int8, pl.Int16, pl.Int32, pl.Int64):
        return values.cast(pl.Int64)
    if values.dtype.is_float():
        numbers = values.cast(pl.Int64, strict=False)
        whole = (numbers.cast(pl.Float64) == values).fill_null(value=False)
        column.refuse(values.is_not_null() & ~whole, "id: write whole numbers or text")
        return numbers
    text = values.cast(pl.String)
    numbers = text.cast(pl.Int64, strict=False)
    same = (numbers.cast(pl.String) == text) | text.is_null()
    return numbers if same.fill_null(value=False).all() and text.count() else text


def _text(column: Column) -> pl.Series:
    return column.values.cast(pl.String)


def _number(column: Column) -> pl.Series:
    return _finite(column, "number: write it like 3.5, or leave it empty where there is none")


def _finite(column: Column, wanted: str) -> pl.Series:
    values = column.values
    if values.dtype.is_temporal():
        raise pl.exceptions.InvalidOperationError("a moment is no number")
    text = values.dtype == pl.String
    numbers = (values.str.strip_chars() if text else values).cast(pl.Float64, strict=not text)
    column.refuse(values.is_not_null() & ~numbers.is_finite().fill_null(value=False), wanted)
    return numbers


def _time(column: Column) -> pl.Series:
    """Whole seconds since 1970 UTC, rounded down."""
    values, unit = column.values, column.form.time_unit
    if values.dtype in (pl.Date, pl.Datetime):
        return values.dt.epoch("s").cast(pl.Int64)
    if values.dtype == pl.String and not _begins_with_a_number(values):
        seconds = seconds_of(values, column.form.time_format)
        wanted = (
            "write 01-Jan-1995" if column.form.time_format else f"write 2025-06-01T12:00, or {unit} since 1970"
        )
        column.refuse(values.is_not_null() & seconds.is_null(), f"time: {wanted}, UTC")
        return seconds
    numbers = _finite(column, f"time: write {unit} since 1970 UTC, like the first row")
    seconds = numbers / PER_SECOND[unit]
    column.refuse((seconds.abs() >= LATEST).fill_null(value=False), f"time in {unit}: {_unit_hint(numbers)}")
    return seconds.floor().cast(pl.Int64)


def _begins_with_a_number(text: pl.Series) -> bool:
    first = text.drop_nulls().head(1).str.strip_chars()
    return not first.cast(pl.Float64, strict=False).has_nulls()


def _unit_hint(numbers: pl.Series) -> str:
    largest = numbers.abs().max() or 0
    fit = next((unit for unit, per in PER_SECOND.items() if largest / per < LATEST), None)  # type: ignore[operator]
    advice = f"with data=table say data.time_unit={fit}" if fit else "it is too large for a moment in any unit"
    return f"seconds since 1970 UTC are expected; {advice}"


def _flag(column: Column) -> pl.Series:
    values = column.values
    if values.dtype == pl.Boolean:
        return values
    if values.dtype.is_float():
        column.refuse(values.is_not_null() & (values != values.floor()), "flag: write true or false, 1 or 0")
        values = values.cast(pl.Int64)
    words = values.cast(pl.String).str.strip_chars().str.to_lowercase()
    known = words.is_in([*TRUE, *FALSE])
    column.refuse(words.is_not_null() & ~known.fill_null(value=False), "flag: write true or false, 1 or 0")
    return pl.select(pl.when(words.is_not_null()).then(words.is_in(TRUE))).to_series().alias(values.name)


def _categories(column: Column) -> pl.Series:
    """Lists of text without empty and repeated values; a missing list is empty."""
    values = column.values
    if isinstance(values.dtype, (pl.List, pl.Array)):
        lists = values.cast(pl.List(pl.String))
    else:
        lists = values.cast(pl.String).str.split(column.form.list_separator)
    stripped = pl.element().str.strip_chars()
    kept = lists.list.eval(stripped.filter((stripped != "").fill_null(value=False)))
    return kept.list.unique(maintain_order=True).fill_null([])


def _geo(column: Column) -> pl.Series:
    """Latitude and longitude in degrees; in text `52.52;13.40`."""
    values = column.values
    if isinstance(values.dtype, (pl.List, pl.Array)):
        pairs = values.cast(pl.List(pl.Float64))
    else:
        parts = values.cast(pl.String).str.split(";").list.eval(pl.element().str.strip_chars())
        pairs = parts.cast(pl.List(pl.Float64), strict=False)
    inside = pairs.list.get(0, null_on_oob=True).is_between(-90, 90)
    inside &= pairs.list.get(1, null_on_oob=True).is_between(-180, 180)
    inside &= pairs.list.len() == 2
    bad = values.is_not_null() & ~inside.fill_null(value=False)
    column.refuse(bad, "place: write latitude;longitude in degrees, like 52.52;13.40")
    return pairs


_CASTS: dict[ColumnType, Callable[[Column], pl.Series]] = {
    "id": _id,
    "number": _number,
    "category": _text,
    "categories": _categories,
    "text": _text,
    "geo": _geo,
    "time": _time,
    "flag": _flag,
}
