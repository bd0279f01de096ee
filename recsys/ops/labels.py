"""Adding labels to events."""

from dataclasses import replace

import polars as pl

from recsys.types import Events, UserError


def labelled(events: Events, positive: pl.Expr, hint: str) -> Events:
    """The events with `label` 1 where the expression holds, else 0.

    Args:
        hint: what would be right where no row is positive.

    Raises:
        UserError: no row is positive, or a row has no value to decide by.
    """
    log = events.log.with_columns(positive.cast(pl.Float32).alias("label"))
    missing = log["label"].null_count()
    if missing:
        row = log["label"].is_null().arg_max()
        raise UserError(
            f"label: {missing:,} rows have no feedback to decide by, the first is row {(row or 0) + 1}"
        )
    if not (log["label"] > 0).any():
        raise UserError(f"label: no row is positive; {hint}")
    return replace(events, log=log)
