"""JSON Lines: an object a line, its keys the columns; read by polars, and line by line where it refuses."""

import io
import json
from collections.abc import Iterator
from typing import Any, NoReturn

import polars as pl

from recsys.ops import lines
from recsys.ops.lines import File
from recsys.types import UserError

KINDS = {bool: "flag", int: "number", float: "number", str: "text", list: "list", dict: "object"}
WANTED = 'every line needs an object like {"user": 1, "item": 2}'
BOM = b"\xef\xbb\xbf"


def read(file: File) -> pl.DataFrame:
    """All columns in the types that polars finds; a key that a line lacks is a missing value.

    Raises:
        UserError: a line is no JSON object, or a column holds values of two kinds; names the line.
    """
    try:
        return pl.read_ndjson(_source(file), infer_schema_length=None)
    except (pl.exceptions.PolarsError, OSError):
        return _slowly(file)


def line_of(file: File, row: int) -> int:
    """The line of a row, both counted from their first: blank lines are no rows.

    Args:
        row: from 0.
    """
    filled = (number for number, line in enumerate(lines.decoded(file), 1) if line.strip())
    return next(number for place, number in enumerate(filled) if place == row)


def _source(file: File) -> str | io.BytesIO:
    """The file, or its text where polars cannot read it as it lies there."""
    plain = file.suffix != ".gz"
    if plain:
        with open(file, "rb") as handle:
            plain = handle.read(len(BOM)) != BOM
    return str(file.__fspath__()) if plain else io.BytesIO("".join(lines.decoded(file)).encode())


def _slowly(file: File) -> pl.DataFrame:
    """Name the line that polars refused.

    Raises:
        UserError: if it is one; where Python reads all of it, its values make the frame.
    """
    kinds: dict[str, tuple[str, int]] = {}
    objects = []
    for number, found in _objects(file):
        objects.append(found)
        for key, value in found.items():
            if value is None:
                continue
            kind = KINDS[type(value)]
            first, line = kinds.setdefault(key, (kind, number))
            if kind != first and {kind, first} != {"number", "text"}:
                raise UserError(
                    f"{file}: line {number}, column {key!r}: is of kind {kind}, and of kind {first} in line "
                    f"{line}; keep one"
                )
    try:
        return pl.DataFrame(objects, infer_schema_length=None, strict=False)
    except (pl.exceptions.PolarsError, TypeError, OverflowError) as error:
        raise UserError(f"{file}: cannot be read as JSON Lines: {str(error).splitlines()[0]}") from None


def _objects(file: File) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(lines.decoded(file), 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line, parse_constant=_no_constant)
        except ValueError as error:
            reason = (
                f"{error.msg}, character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else error
            )
            raise UserError(f"{file}: line {number}: is no JSON ({reason}); {WANTED}") from None
        if not isinstance(found, dict):
            kind = KINDS.get(type(found), "null")
            raise UserError(f"{file}: line {number}: is a JSON {kind}; {WANTED}")
        yield number, found


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON; write null where there is none")
