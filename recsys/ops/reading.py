"""Reading delimited text and Parquet strictly: what does not fit is refused, with its file and line."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl

from recsys.ops import lines
from recsys.ops.finding import require
from recsys.ops.lines import Dialect
from recsys.types import UserError


@dataclass(frozen=True)
class Contents:
    """What a file holds. Made by `read`.

    Attributes:
        frame: all columns, as strings for delimited text, as they are for Parquet.
    """

    file: Path
    dialect: Dialect
    frame: pl.DataFrame


def read(file: Path, dialect: Dialect) -> Contents:
    """Read a file: Parquet where its name ends so, delimited text otherwise. Blank lines are no rows.

    Raises:
        UserError: the file is missing, empty, not in its encoding, has a column name twice, or rows of
            differing length; names the file and the line.
    """
    require(file)
    if not file.stat().st_size:
        raise UserError(f"{file}: the file is empty; it needs {_wanted(file, dialect)}")
    frame = _parquet(file) if is_parquet(file) else _delimited(file, dialect)
    if not len(frame):
        raise UserError(f"{file}: the file has no rows; it needs {_wanted(file, dialect)}")
    return Contents(file, dialect, frame)


def is_parquet(file: Path) -> bool:
    """By the name's ending."""
    return file.suffix in (".parquet", ".pq")


def where(parts: Sequence[Contents], row: int) -> str:
    """File and line (of Parquet the row, from 1) of a row.

    Args:
        row: from 0, of the parts' frames one after the other.
    """
    for part in parts[:-1]:
        if row < len(part.frame):
            return _where(part, row)
        row -= len(part.frame)
    return _where(parts[-1], row)


def _wanted(file: Path, dialect: Dialect) -> str:
    return "at least one row" if dialect.header or is_parquet(file) else "a line of column names, then the rows"


def _where(part: Contents, row: int) -> str:
    if is_parquet(part.file):
        return f"{part.file}: row {row + 1}"
    before = row + (part.dialect.header is None)
    line, _ = next(islice(lines.records(part.file, part.dialect), before, None))
    return f"{part.file}: line {line}"


def _parquet(file: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(file, glob=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UserError(f"{file}: cannot be read as Parquet: {_reason(error)}") from None


def _delimited(file: Path, dialect: Dialect) -> pl.DataFrame:
    """All columns as strings.

    Polars is quick, but it fills short rows up, renames columns and tells no line: where something looks odd
    the file is read once more, line by line.
    """
    names = list(dialect.header or _header(file, dialect))
    try:
        frame = pl.read_csv(
            file if lines.is_plain(file, dialect) else io.StringIO(lines.text(file, dialect)),
            separator=dialect.character(file),
            has_header=dialect.header is None,
            infer_schema=False,
            quote_char='"' if dialect.quoted else None,
            glob=False,
        )
    except pl.exceptions.NoDataError:
        return pl.DataFrame()
    except (pl.exceptions.PolarsError, OSError) as error:
        lines.check_widths(file, dialect, len(names))
        raise UserError(f"{file}: cannot be read as delimited text: {_reason(error)}") from None
    if frame.width != len(names) or frame[:, -1].null_count():
        rows, blank = lines.check_widths(file, dialect, len(names))
        # Polars takes a blank line for a row without values.
        if blank and rows == len(frame):
            frame = frame.filter(~pl.int_range(pl.len()).is_in(blank))
    if frame.width != len(names):
        raise UserError(f"{file}: has {frame.width} columns, and {len(names)} are expected")
    frame.columns = names
    return frame


def _header(file: Path, dialect: Dialect) -> list[str]:
    """The column names; nameless ones are numbered.

    Raises:
        UserError: a name stands twice.
    """
    line, names = next(lines.records(file, dialect), (1, [""]))
    twice = [name for place, name in enumerate(names) if name and name in names[:place]]
    if twice:
        raise UserError(
            f"{file}: line {line}: the column name {twice[0]!r} stands twice; give each column its own"
        )
    return [name or f"column {place}" for place, name in enumerate(names, 1)]


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0]
