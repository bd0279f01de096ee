"""Reading a publisher's file whose every declared value has to be there."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from recsys.ops import casting, reading
from recsys.types import ColumnType


def typed(file: Path, dialect: reading.Dialect, types: Mapping[str, ColumnType]) -> pl.DataFrame:
    """The declared columns in their types.

    Raises:
        UserError: the file is missing, or a value is missing or not of its type.
    """
    place = casting.Place(file, dialect.first_line)
    return casting.cast(reading.read(file, dialect), types, place, set(types))
