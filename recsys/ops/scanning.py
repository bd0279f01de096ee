"""Large text files, read in a stream: no more in memory at once than the columns asked for."""

import json
from collections.abc import Collection, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import polars as pl

from recsys.ops.plain import numbered_lines
from recsys.types import UserError

WHOLE_LINE = "\x1f"
"""A separator that stands in no file, so that polars gives each line as it is."""


def scan_fields(
    file: Path,
    separator: str,
    names: Sequence[str],
    types: Mapping[str, type[pl.DataType]],
    *,
    required: Collection[str] = (),
    header: bool = False,
    rows: int | None = None,
) -> pl.DataFrame:
    """Columns of an unquoted text file; an empty field is a missing value, a blank line is no row.

    Args:
        names: of all fields of a line, in order.
        types: those that are wanted, and what they are: String, Int64 or Float64.
        required: columns in which no value may be missing.
        header: the first line names the columns, and has to name these.
        rows: so many lines at most.

    Raises:
        UserError: another header, a line of another width, a value that is missing or not of its type; names
            file, line and column.
    """
    if header:
        _check_header(file, separator, names)
    lines = pl.scan_csv(
        file,
        separator=WHOLE_LINE,
        has_header=False,
        skip_rows=int(header),
        schema={"text": pl.String},
        quote_char=None,
        n_rows=rows,
        glob=False,
    )
    numbered = lines.with_row_index("line", offset=1 + header).filter(pl.col("text").is_not_null())
    fields = numbered.with_columns(
        pl.col("text").str.strip_chars_end("\r").str.split(separator).alias("fields")
    )
    raw = {name: _field(names.index(name)) for name in types}
    done = fields.select(
        *(raw[name].cast(type_, strict=False).alias(name) for name, type_ in types.items()),
        problem=_problem(raw, types, required, len(names)),
    )
    try:
        frame = done.collect(engine="streaming")
    except pl.exceptions.NoDataError:
        raise UserError(f"{file}: the file has no rows") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UserError(f"{file}: cannot be read as text: {str(error).splitlines()[0]}") from None
    return _checked(frame, file)


def scan_json(file: Path, types: Mapping[str, type[pl.DataType]], *, required: Collection[str]) -> pl.DataFrame:
    """Members of the objects in a file of JSON lines, plain or .gz; one that is not there is a missing value.

    Args:
        types: String, Boolean, Int64 or Float64.
        required: members in which no value may be missing.

    Raises:
        UserError: a line is no object, or a member is missing or not of its type; names file, line and member.
    """
    try:
        frame = pl.scan_ndjson(file, schema=dict(types)).select(*types).collect(engine="streaming")
    except (pl.exceptions.PolarsError, OSError) as error:
        _refuse_json(file, types, required)
        raise UserError(f"{file}: cannot be read as JSON lines: {str(error).splitlines()[0]}") from None
    if any(frame[name].has_nulls() for name in required):
        _refuse_json(file, types, required)
    if not len(frame):
        raise UserError(f"{file}: the file has no rows; it needs one JSON object a line")
    return frame


def _field(place: int) -> pl.Expr:
    value = pl.col("fields").list.get(place, null_on_oob=True)
    return pl.when(value != "").then(value)


def _problem(
    raw: Mapping[str, pl.Expr], types: Mapping[str, type[pl.DataType]], required: Collection[str], width: int
) -> pl.Expr:
    """The first thing that is wrong with a line, in words; missing where nothing is."""
    line = pl.col("line").cast(pl.String)
    count = pl.col("fields").list.len()
    found = [
        pl.when(count != width).then(
            pl.format("line {} has {} fields, " + str(width) + " are expected", line, count.cast(pl.String))
        )
    ]
    for name, type_ in types.items():
        if type_ != pl.String:
            bad = raw[name].is_not_null() & raw[name].cast(type_, strict=False).is_null()
            words = "line {}, column '" + name + "': '{}' is no number"
            found.append(pl.when(bad).then(pl.format(words, line, raw[name])))
        if name in required:
            words = "line {}, column '" + name + "': the value is missing, and every row needs one"
            found.append(pl.when(raw[name].is_null()).then(pl.format(words, line)))
    return pl.coalesce(found)


def _checked(frame: pl.DataFrame, file: Path) -> pl.DataFrame:
    problems = frame["problem"].drop_nulls()
    if len(problems):
        raise UserError(f"{file}: {problems[0]}")
    if not len(frame):
        raise UserError(f"{file}: the file has no rows")
    return frame.drop("problem")


def _check_header(file: Path, separator: str, names: Sequence[str]) -> None:
    first = next(numbered_lines(file), (1, ""))[1].split(separator)
    for place, (found, wanted) in enumerate(zip_longest(first, names), 1):
        if found != wanted:
            raise UserError(
                f"{file}: line 1: column {place} is {found!r}, and {wanted!r} is expected; the file begins "
                f"with {separator.join(names)}"
            )


def _refuse_json(file: Path, types: Mapping[str, type[pl.DataType]], required: Collection[str]) -> None:
    """Read line by line, to name the first line that does not fit."""
    for number, line in numbered_lines(file):
        try:
            found = json.loads(line)
        except ValueError:
            raise UserError(f"{file}: line {number}: is no JSON; write one object a line") from None
        if not isinstance(found, dict):
            raise UserError(f"{file}: line {number}: is no JSON object, but {found!r:.40}")
        for name, type_ in types.items():
            _check_member(f"{file}: line {number}, member {name!r}", found.get(name), type_, name in required)


def _check_member(at: str, value: Any, type_: type[pl.DataType], required: bool) -> None:
    if value is None:
        if required:
            raise UserError(f"{at}: the value is missing, and every row needs one")
        return
    kinds = {pl.String: (str,), pl.Boolean: (bool,), pl.Float64: (int, float), pl.Int64: (int,)}[type_]  # type: ignore[index]
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise UserError(f"{at}: {value!r:.40} is no {kinds[-1].__name__}")
