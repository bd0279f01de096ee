"""Large files of numbers, read straight into numbers.

`read_frame` names every mistake, and for that it holds each column as text first. Tens of millions of rows are
better parsed at once; where anything looks odd nothing is returned, and `read_frame` is to say what it is.
"""

from collections.abc import Mapping
from functools import reduce
from operator import or_
from pathlib import Path

import polars as pl

from recsys.ops.casting import LATEST
from recsys.ops.lines import Dialect
from recsys.types import ColumnType

DTYPES: dict[ColumnType, type[pl.DataType]] = {"id": pl.Int64, "time": pl.Int64, "number": pl.Float64}
"""Of the types that can be read so. A time is one of an event in seconds, an id a whole number."""


def read_numbers(file: Path, dialect: Dialect, types: Mapping[str, ColumnType]) -> pl.DataFrame | None:
    """The declared columns, no value missing; None where a line is not as it should be.

    Args:
        dialect: its separator one character, or one repeated (`::`); its encoding UTF-8.
        types: of the columns, each one of `DTYPES`.
    """
    dtypes = {name: DTYPES[type_] for name, type_ in types.items()}
    try:
        lines, gaps = _scan(file, dialect, dtypes)
        odd = [pl.col(gap).is_not_null() for gap in gaps]
        odd += [_odd(pl.col(name), type_) for name, type_ in types.items()]
        frame = lines.select(*dtypes, odd=reduce(or_, odd)).collect(engine="streaming")
    except (pl.exceptions.PolarsError, OSError):
        return None
    return None if frame["odd"].any() or not len(frame) else frame.drop("odd")


def _scan(
    file: Path, dialect: Dialect, dtypes: Mapping[str, type[pl.DataType]]
) -> tuple[pl.LazyFrame, list[str]]:
    """The lines, and the columns that have to be empty: `::` is an empty field between two colons."""
    separator = dialect.separator or dialect.character(file)
    if dialect.header is None:
        overrides = dict(dtypes)
        named = pl.scan_csv(
            file, separator=separator, infer_schema=False, schema_overrides=overrides, glob=False
        )
        return named, []
    schema, gaps = {}, []
    for name in dialect.header:
        if schema:
            gaps += [f"{name} {n}" for n in range(1, len(separator))]
            schema |= dict.fromkeys(gaps[len(gaps) + 1 - len(separator) :], pl.String)
        schema[name] = dtypes.get(name, pl.String)
    return pl.scan_csv(file, separator=separator[0], has_header=False, schema=schema, glob=False), gaps


def _odd(column: pl.Expr, type_: ColumnType) -> pl.Expr:
    """Whether the value is missing, not finite, or no time of an event in seconds."""
    if type_ == "number":
        return ~column.is_finite().fill_null(value=False)
    if type_ == "time":
        return ~column.is_between(0, LATEST, closed="left").fill_null(value=False)
    return column.is_null()
