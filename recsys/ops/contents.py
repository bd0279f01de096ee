"""What a file or a query holds, a column or a piece of one at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from recsys.types import UserError

PIECE = 2**21
"""Rows of a piece."""


@dataclass(frozen=True)
class Contents:
    """What a file or a query holds. Made by `reading.read`, and by who runs a query.

    Attributes:
        name: of the file, or the config key of the query, for messages.
        frame: all columns, as strings for delimited text, otherwise as they are; lazy where the file can be
            read column by column.
        line_of: the line of a row, which is counted from 0; None where rows are all that can be counted.
    """

    name: str
    frame: pl.DataFrame | pl.LazyFrame
    line_of: Callable[[int], int] | None = None

    @cached_property
    def columns(self) -> list[str]:
        """Their names, in order."""
        return self.frame.collect_schema().names()

    @cached_property
    def rows(self) -> int:
        """How many."""
        frame = self.frame
        return len(frame) if isinstance(frame, pl.DataFrame) else frame.select(pl.len()).collect().item()

    def column(self, name: str, start: int = 0, length: int | None = None) -> pl.Series:
        """The values of a column, of `length` rows from `start` on.

        Raises:
            UserError: they cannot be read; names the column.
        """
        try:
            return self.frame.lazy().select(name).slice(start, length).collect().to_series()
        except (pl.exceptions.PolarsError, OSError) as error:
            reason = str(error).splitlines()[0]
            raise UserError(f"{self.name}: column {name!r} cannot be read: {reason}") from None

    def pieces(self, name: str) -> Iterator[tuple[int, pl.Series]]:
        """A column in pieces, each with its first row."""
        for start in range(0, self.rows, PIECE):
            yield start, self.column(name, start, PIECE)

    def at(self, row: int) -> str:
        """Name and line, or row from 1, of a row counted from 0."""
        return f"{self.name}: line {self.line_of(row)}" if self.line_of else f"{self.name}: row {row + 1}"


def where(parts: Sequence[Contents], row: int) -> str:
    """File and line of a row.

    Args:
        row: from 0, of the parts' rows one after the other.
    """
    for part in parts[:-1]:
        if row < part.rows:
            return part.at(row)
        row -= part.rows
    return parts[-1].at(row)
