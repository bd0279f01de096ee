"""Reading delimited text and Parquet into frames of strings, strictly."""

import difflib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from recsys.types import UserError

UNIT = "\x1f"
"""Stands in for a separator of several characters, which polars cannot take."""


@dataclass(frozen=True)
class Dialect:
    """How a delimited file is written.

    Attributes:
        separator: one or more characters.
        header: names of the columns where the file has no header line.
        encoding: of the text.
        quoted: whether a field may stand in double quotes.
    """

    separator: str = ","
    header: Sequence[str] | None = None
    encoding: str = "utf-8"
    quoted: bool = True

    @property
    def first_line(self) -> int:
        """The line number of the first row."""
        return 1 if self.header else 2


def read(file: Path, dialect: Dialect) -> pl.DataFrame:
    """All columns, as strings for delimited text, as they are for Parquet.

    Raises:
        UserError: the file is missing, empty, not in its encoding, or has rows of differing length; names
            the file and the line.
    """
    require(file)
    if file.stat().st_size == 0:
        raise UserError(f"{file}: the file is empty; it should have a header line and at least one row")
    frame = _parquet(file) if file.suffix == ".parquet" else _delimited(file, dialect)
    if not len(frame):
        raise UserError(f"{file}: the file has no rows")
    return frame


def require(file: Path) -> None:
    """Refuse a file that is not there.

    Raises:
        UserError: names the nearest file of the folder.
    """
    if file.is_file():
        return
    if not file.parent.is_dir():
        raise UserError(f"{file}: no such file; the folder {file.parent} does not exist either")
    near = difflib.get_close_matches(file.name, [f.name for f in file.parent.iterdir()], n=1)
    hint = f"did you mean {file.parent / near[0]}?" if near else f"{file.parent} has no file of a similar name"
    raise UserError(f"{file}: no such file; {hint}")


def _parquet(file: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(file)
    except pl.exceptions.PolarsError as error:
        raise UserError(f"{file}: not a Parquet file ({str(error).splitlines()[0]})") from None


def _delimited(file: Path, dialect: Dialect) -> pl.DataFrame:
    text = _decode(file, dialect.encoding)
    separator = dialect.separator
    if len(separator) > 1:
        text, separator = text.replace(separator, UNIT), UNIT
    try:
        return pl.read_csv(
            io.StringIO(text),
            separator=separator,
            has_header=dialect.header is None,
            new_columns=dialect.header,
            infer_schema=False,
            quote_char='"' if dialect.quoted else None,
        )
    except pl.exceptions.PolarsError as error:
        line = _ragged_line(text, separator)
        if line:
            raise UserError(
                f"{file}: line {line[0]} has {line[1]} fields, the first line has {line[2]}"
            ) from None
        raise UserError(f"{file}: cannot be read as delimited text: {str(error).splitlines()[0]}") from None


def _decode(file: Path, encoding: str) -> str:
    data = file.read_bytes()
    try:
        return data.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(
            f"{file}: line {line} is not {encoding} text (byte {error.start}); save it as UTF-8"
        ) from None


def _ragged_line(text: str, separator: str) -> tuple[int, int, int] | None:
    """The first line with more fields than the first, and both numbers."""
    lines = text.splitlines()
    wanted = lines[0].count(separator) + 1
    for number, line in enumerate(lines, 1):
        fields = line.count(separator) + 1
        if line and fields > wanted:
            return number, fields, wanted
    return None
