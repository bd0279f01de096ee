"""Reading files strictly: what does not fit is refused, with its file and line."""

import io
import mmap
import os
from functools import partial
from itertools import islice

import polars as pl

from recsys.ops import json_lines, lines
from recsys.ops.contents import Contents
from recsys.ops.finding import require
from recsys.ops.lines import Dialect, File
from recsys.ops.remote import Copy
from recsys.types import UserError

PARQUET, ARROW, JSON_LINES = (".parquet", ".pq"), (".arrow", ".ipc", ".feather"), (".jsonl", ".ndjson")


def read(file: File, dialect: Dialect) -> Contents:
    """Read a file: Parquet, Arrow or JSON Lines where its name ends so, delimited text otherwise.

    Blank lines are no rows.

    Raises:
        UserError: the file is missing, empty, damaged, not in its encoding, has a column name twice, or rows of
            differing length; names the file and the line.
    """
    if not isinstance(file, Copy):
        require(file)
    if not os.stat(file).st_size:
        raise UserError(f"{file}: the file is empty; it needs {_wanted(file, dialect)}")
    contents = _read(file, dialect)
    if not contents.rows:
        raise UserError(f"{file}: the file has no rows; it needs {_wanted(file, dialect)}")
    return contents


def _read(file: File, dialect: Dialect) -> Contents:
    ending = _ending(file)
    if ending in (*PARQUET, *ARROW):
        return Contents(str(file), _typed(file, "Parquet" if ending in PARQUET else "Arrow"))
    if ending in JSON_LINES:
        return Contents(str(file), json_lines.read(file), partial(json_lines.line_of, file))
    return Contents(str(file), _delimited(file, dialect), partial(_line_of, file, dialect))


def _ending(file: File) -> str:
    """Of the name, `.gz` aside."""
    return file.suffixes[-2] if file.suffix == ".gz" and len(file.suffixes) > 1 else file.suffix


def _wanted(file: File, dialect: Dialect) -> str:
    headless = dialect.header or _ending(file) in (*PARQUET, *ARROW, *JSON_LINES)
    return "at least one row" if headless else "a line of column names, then the rows"


def _typed(file: File, kind: str) -> pl.LazyFrame:
    """A file that brings its own types; only what is found out about it here is read."""
    if file.suffix == ".gz":
        raise UserError(f"{file}: {kind} is compressed in itself; unpack it with gunzip")
    try:
        scan = pl.scan_parquet if kind == "Parquet" else pl.scan_ipc
        frame = scan(os.fspath(file), glob=False)
        frame.select(pl.len()).collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UserError(f"{file}: cannot be read as {kind}: {_reason(error)}") from None
    return frame


def _line_of(file: File, dialect: Dialect, row: int) -> int:
    before = row + (dialect.header is None)
    return next(islice(lines.records(file, dialect), before, None))[0]


def _delimited(file: File, dialect: Dialect) -> pl.DataFrame:
    """All columns as strings.

    Polars is quick, but it fills short rows up, renames columns and tells no line: where something looks odd
    the file is read once more, line by line.
    """
    names = list(dialect.header or _header(file, dialect))
    frame = _quickly(file, dialect)
    if frame is None or frame.width != len(names) or frame[:, -1].null_count():
        rows, blank = lines.check_widths(file, dialect, len(names))
        if frame is not None and blank and rows == len(frame):
            # Polars takes a blank line for a row without values.
            frame = frame.filter(~pl.int_range(pl.len()).is_in(blank))
        if frame is None or frame.width != len(names) or len(frame) != rows - len(blank):
            frame = _slowly(file, dialect, names)
    frame.columns = names
    return frame


def _quickly(file: File, dialect: Dialect) -> pl.DataFrame | None:
    """By polars; None where it refuses."""
    if lines.is_plain(file, dialect) and _has_nul(file):
        return None
    try:
        return pl.read_csv(
            os.fspath(file) if lines.is_plain(file, dialect) else io.StringIO(lines.text(file, dialect)),
            separator=dialect.character(file),
            has_header=dialect.header is None,
            infer_schema=False,
            quote_char='"' if dialect.quoted else None,
            glob=False,
        )
    except (pl.exceptions.PolarsError, OSError):
        return None


def _slowly(file: File, dialect: Dialect, names: list[str]) -> pl.DataFrame:
    records = islice(lines.records(file, dialect), dialect.header is None, None)
    rows = [fields for _, fields in records]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def _has_nul(file: File) -> bool:
    """Polars lets NUL bytes pass; reading line by line does not, and names the line."""
    with open(file, "rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(b"\0") >= 0


def _header(file: File, dialect: Dialect) -> list[str]:
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
