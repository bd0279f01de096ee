"""Adding labels to events."""

from collections.abc import Collection
from dataclasses import replace

import polars as pl

from recsys.types import ColumnType, Events, UserError


def feedback(events: Events, key: str, column: str, types: Collection[ColumnType]) -> pl.Series:
    """The values of a feedback column.

    Args:
        key: of the config, that names the column.
        types: those that can be decided by.

    Raises:
        UserError: there is no such column, or it is of another type.
    """
    declared = events.columns.feedback
    if column not in declared:
        has = ", ".join(declared) or "none"
        raise UserError(f"{key}={column}: the data has no such feedback column; it has {has}")
    if declared[column] not in types:
        raise UserError(
            f"{key}={column}: is declared as {declared[column]}; it takes a column of type {' or '.join(types)}"
        )
    return events.log[column]


def labelled(events: Events, positive: pl.Series, problem: str) -> Events:
    """The events with `label` 1 where the row is positive, else 0.

    Args:
        positive: for each row, missing where there is nothing to decide by.
        problem: what to say where no row is positive.

    Raises:
        UserError: no row is positive, or a row has no value to decide by.
    """
    missing = positive.null_count()
    if missing:
        row = positive.is_null().arg_max() or 0
        raise UserError(
            f"label: {missing:,} of {len(positive):,} rows have no {positive.name} to decide by, the first is "
            f"row {row + 1}; leave them out of the data, or fill them in"
        )
    if not positive.any():
        raise UserError(problem)
    return replace(events, log=events.log.with_columns(positive.cast(pl.Float32).alias("label")))
