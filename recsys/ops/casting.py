"""Columns of strings as columns of their declared types; the first value that does not fit is named."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from recsys.types import ColumnType, UserError

MILLISECONDS = 100_000_000_000
"""Seconds from here on (the year 5138) are taken for milliseconds given by mistake."""

TRUE, FALSE = ("true", "1", "yes", "t", "y"), ("false", "0", "no", "f", "n")


@dataclass(frozen=True)
class Place:
    """Where a frame comes from, for messages.

    Attributes:
        first_line: the line number of the first row.
    """

    file: Path
    first_line: int
    list_separator: str = "|"


def cast(
    frame: pl.DataFrame, types: Mapping[str, ColumnType], place: Place, required: set[str]
) -> pl.DataFrame:
    """The declared columns in their types, in the declared order; others are left out.

    Args:
        required: columns in which no value may be missing.

    Raises:
        UserError: a column is missing or a value is not of its type; names file, line and column.
    """
    missing = [name for name in types if name not in frame.columns]
    if missing:
        has = ", ".join(repr(column) for column in frame.columns)
        raise UserError(f"{place.file}: there is no column {missing[0]!r}; it has {has}")
    columns = []
    for name, type_ in types.items():
        column = _one(frame[name], type_, place)
        empty = column.is_null()
        if name in required and empty.any():
            raise UserError(f"{_at(place, name, empty)}: the value is missing; every row needs one")
        columns.append(column)
    return pl.DataFrame(columns)


def whole(name: str) -> pl.Expr:
    """A column of whole numbers in text."""
    return pl.col(name).cast(pl.Int64)


def _one(values: pl.Series, type_: ColumnType, place: Place) -> pl.Series:
    if values.dtype == pl.String:
        values = values.replace("", None)
    if type_ == "id":
        return _id(values)
    if type_ in ("category", "text"):
        return values.cast(pl.String)
    return READERS[type_](values, place)


def _at(place: Place, column: str, bad: pl.Series) -> str:
    row = bad.arg_max() or 0
    return f"{place.file}: line {row + place.first_line}, column {column!r}"


def _refuse(values: pl.Series, bad: pl.Series, place: Place, wanted: str) -> None:
    if bad.any():
        value = values[bad.arg_max() or 0]
        raise UserError(f"{_at(place, values.name, bad)}: {value!r} is no {wanted}")


def _id(values: pl.Series) -> pl.Series:
    """Whole numbers where all are; 007 stays text."""
    if values.dtype.is_integer():
        return values.cast(pl.Int64)
    text = values.cast(pl.String)
    numbers = text.cast(pl.Int64, strict=False)
    return numbers if (numbers.cast(pl.String) == text).fill_null(value=text.is_null().all()).all() else text


def _number(values: pl.Series, place: Place) -> pl.Series:
    numbers = values.str.strip_chars().cast(pl.Float64, strict=False) if values.dtype == pl.String else values
    numbers = numbers.cast(pl.Float64)
    _refuse(
        values, values.is_not_null() & (numbers.is_null() | ~numbers.fill_null(0).is_finite()), place, "number"
    )
    return numbers


def _time(values: pl.Series, place: Place) -> pl.Series:
    """Seconds since 1970 UTC; ISO dates and times are taken too, as UTC."""
    if values.dtype.is_temporal():
        return values.cast(pl.Datetime("us")).dt.epoch("s")
    seconds = values.cast(pl.Float64, strict=False)
    if values.dtype == pl.String and seconds.is_null().any():
        moments = values.str.to_datetime(strict=False, time_unit="us") if _dates(values) else None
        if moments is not None:
            seconds = moments.dt.epoch("s").cast(pl.Float64)
    _refuse(
        values,
        values.is_not_null() & seconds.is_null(),
        place,
        "time: write seconds since 1970 or 2025-06-01T12:00",
    )
    _refuse(values, seconds.fill_null(0) >= MILLISECONDS, place, "time in seconds; divide milliseconds by 1000")
    return seconds.floor().cast(pl.Int64)


def _dates(values: pl.Series) -> bool:
    try:
        return values.str.to_datetime(strict=False, time_unit="us").is_not_null().any()
    except pl.exceptions.PolarsError:
        return False


def _flag(values: pl.Series, place: Place) -> pl.Series:
    if values.dtype == pl.Boolean:
        return values
    words = values.cast(pl.String).str.strip_chars().str.to_lowercase()
    _refuse(
        values, words.is_not_null() & ~words.is_in([*TRUE, *FALSE]), place, "flag: write true or false, 1 or 0"
    )
    return words.is_in(TRUE).set(words.is_null(), None)


def _categories(values: pl.Series, place: Place) -> pl.Series:
    if isinstance(values.dtype, pl.List):
        return values.cast(pl.List(pl.String)).fill_null([])
    lists = values.cast(pl.String).str.split(place.list_separator)
    return lists.fill_null([])


def _geo(values: pl.Series, place: Place) -> pl.Series:
    """`52.52;13.40`: latitude and longitude in degrees."""
    if isinstance(values.dtype, (pl.List, pl.Array)):
        pairs = values.cast(pl.List(pl.Float64))
    else:
        pairs = values.cast(pl.String).str.split(";").cast(pl.List(pl.Float64), strict=False)
    inside = (pairs.list.len() == 2) & pairs.list.get(0, null_on_oob=True).is_between(-90, 90)
    inside &= pairs.list.get(1, null_on_oob=True).is_between(-180, 180)
    wanted = "place: write latitude;longitude in degrees, like 52.52;13.40"
    _refuse(values, values.is_not_null() & ~inside.fill_null(value=False), place, wanted)
    return pairs


READERS: dict[ColumnType, Callable[[pl.Series, Place], pl.Series]] = {
    "number": _number,
    "time": _time,
    "flag": _flag,
    "categories": _categories,
    "geo": _geo,
}
