"""Delimited text line by line: slow, exact, and able to tell where something stands."""

import csv
import gzip
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path

from recsys.ops.remote import Copy
from recsys.types import UserError

File = Path | Copy

UNIT = "\x1f"
"""Stands in for a separator of several bytes, which polars cannot take."""
LONGEST = 1 << 30
"""Characters of a field."""


@dataclass(frozen=True)
class Dialect:
    """How a delimited file is written.

    Attributes:
        separator: one or more characters, no quote and no line break; None takes a tab for .tsv and .tab, a
            comma otherwise.
        header: names of the columns where the file has no line of names.
        encoding: of the text.
        quoted: whether a field may stand in double quotes.
    """

    separator: str | None = None
    header: Sequence[str] | None = None
    encoding: str = "utf-8"
    quoted: bool = True

    def character(self, file: File) -> str:
        """The one character that separates fields, once `text` has read the file."""
        if self.separator is None:
            return "\t" if {".tsv", ".tab"} & set(file.suffixes) else ","
        return self.separator if len(self.separator.encode()) == 1 else UNIT


def is_plain(file: File, dialect: Dialect) -> bool:
    """Whether polars can read the file as it lies there."""
    return dialect.character(file) != UNIT and dialect.encoding == "utf-8" and file.suffix != ".gz"


def text(file: File, dialect: Dialect) -> str:
    """The whole file, decoded, fields separated by one character.

    Raises:
        UserError: a line is not in the encoding.
    """
    return "".join(_decoded(file, dialect))


def records(file: File, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """The number of its first line, from 1, and the fields of each record, the header's among them.

    Raises:
        UserError: a line is not in the encoding, or a quote is out of place.
    """
    return ((line, fields) for line, fields in _every(file, dialect) if fields)


def check_widths(file: File, dialect: Dialect, width: int) -> tuple[int, list[int]]:
    """Refuse records that are not `width` fields wide; what the rows are otherwise.

    Returns:
        The number of rows, blank lines counted, and the places of the blank ones among them, from 0.

    Raises:
        UserError: names the line.
    """
    every = dropwhile(lambda record: not record[1], _every(file, dialect))
    rows, blank = -1 if dialect.header is None else 0, []
    for line, fields in every:
        if fields and len(fields) != width:
            wanted = f"{width} are expected" if dialect.header else f"the first line has {width}"
            raise UserError(f"{file}: line {line} has {_fields(len(fields))}, {wanted}")
        if not fields:
            blank.append(rows)
        rows += 1
    return rows, blank


def _fields(n: int) -> str:
    return "1 field" if n == 1 else f"{n} fields"


def _every(file: File, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """Every record with its first line; a blank line has no fields."""
    csv.field_size_limit(LONGEST)
    reader = csv.reader(
        _decoded(file, dialect),
        delimiter=dialect.character(file),
        quoting=csv.QUOTE_MINIMAL if dialect.quoted else csv.QUOTE_NONE,
        strict=True,
    )
    line = 1
    try:
        for fields in reader:
            yield line, fields
            line = reader.line_num + 1
    except csv.Error as error:
        raise UserError(
            f'{file}: line {line}: a quote is out of place ({error}); write "…" around the whole field, and "" '
            "for a quote inside it"
        ) from None


def _decoded(file: File, dialect: Dialect) -> Iterator[str]:
    """The lines, their separators replaced by one character."""
    character = dialect.character(file)
    several = dialect.separator if character == UNIT else None
    for line in decoded(file, dialect.encoding):
        yield line.replace(several, character) if several else line


def decoded(file: File, encoding: str = "utf-8") -> Iterator[str]:
    """The lines with their ends, unpacked, without a byte order mark.

    Raises:
        UserError: the file cannot be opened or unpacked, or a line is not in the encoding; names the line.
    """
    number = 0
    try:
        with _open(file, "utf-8-sig" if encoding == "utf-8" else encoding) as handle:
            for number, line in enumerate(handle, 1):
                if "\0" in line:
                    raise UserError(f"{file}: line {number}: {NUL}")
                yield line
    except UnicodeDecodeError:
        raise UserError(_undecodable(file, encoding)) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UserError(f"{file}: line {number + 1}: the compressed file is damaged: {error}") from None
    except OSError as error:
        raise UserError(f"{file}: cannot be read: {error.strerror or error}") from None


NUL = "a NUL byte stands there, which text has not; if the file is UTF-16, save it as utf-8"


def _open(file: File, encoding: str):
    if file.suffix == ".gz":
        return gzip.open(file, "rt", encoding=encoding, newline="")
    return open(file, encoding=encoding, newline="")


def _undecodable(file: File, encoding: str) -> str:
    """A message that names the line."""
    with gzip.open(file) if file.suffix == ".gz" else open(file, "rb") as handle:
        for number, line in enumerate(handle, 1):
            if number == 1 and line.startswith((b"\xff\xfe", b"\xfe\xff")):
                return f"{file}: line 1: begins like UTF-16 and is no {encoding} text; save it as {encoding}"
            try:
                line.decode(encoding)
            except UnicodeDecodeError as error:
                byte = line[error.start]
                return f"{file}: line {number}: byte 0x{byte:02x} is no {encoding} text; save it as {encoding}"
    return f"{file}: is no {encoding} text"
