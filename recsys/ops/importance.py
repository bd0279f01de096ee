"""How much rows of a log count in training."""

from dataclasses import replace

import polars as pl

from recsys.types import Events


def weight_of(log: pl.DataFrame) -> pl.Series:
    """The weight of each row, Float32; 1 where the log has none."""
    if "weight" in log.columns:
        return log["weight"]
    return pl.repeat(1.0, len(log), dtype=pl.Float32, eager=True).alias("weight")


def times(events: Events, factor: pl.Series) -> Events:
    """The events with the weights multiplied."""
    weight = (weight_of(events.log) * factor).cast(pl.Float32).alias("weight")
    return replace(events, log=events.log.with_columns(weight))
