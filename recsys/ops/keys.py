"""The ids of a log, read in pieces and kept as codes."""

from collections.abc import Sequence

import polars as pl

from recsys.ops.casting import Column, Form, typed
from recsys.ops.contents import Contents


def read(contents: Contents, name: str, form: Form) -> pl.Series:
    """A column of type id: Int64 where all are whole numbers, otherwise text as `pl.Categorical` of 4 bytes.

    Raises:
        UserError: a value is no id; names file, line and column.
    """
    pieces = [
        _coded(typed(Column(contents, piece, form, start), "id")) for start, piece in contents.pieces(name)
    ]
    return pl.concat(alike(pieces))


def alike(parts: Sequence[pl.Series]) -> list[pl.Series]:
    """Parts of one column in one type: numbers where all of them have numbers, otherwise text."""
    types = {part.dtype for part in parts if part.count()}
    wanted = pl.Int64() if types == {pl.Int64} else pl.Categorical()
    return [part if part.dtype == wanted else part.cast(pl.String).cast(wanted) for part in parts]


def _coded(ids: pl.Series) -> pl.Series:
    return ids.cast(pl.Categorical) if ids.dtype == pl.String else ids
