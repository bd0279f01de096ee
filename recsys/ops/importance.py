"""How much rows of a log count in training."""

from dataclasses import replace

import polars as pl

from recsys.types import WEIGHT, Events


def weight_of(log: pl.DataFrame) -> pl.Series:
    """The weight of each row, Float32; 1 where the log has none."""
    if WEIGHT in log.columns:
        return log[WEIGHT]
    return pl.repeat(1.0, len(log), dtype=pl.Float32, eager=True).alias(WEIGHT)


def times(events: Events, factor: pl.Series) -> Events:
    """The events with the weights multiplied."""
    weight = (weight_of(events.log) * factor).cast(pl.Float32).alias(WEIGHT)
    return replace(events, log=events.log.with_columns(weight))
