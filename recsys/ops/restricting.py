"""Leaving out users and items."""

from dataclasses import replace

import polars as pl

from recsys.types import Events


def restrict(events: Events, users: pl.Series, items: pl.Series) -> Events:
    """The events of some users and items, which alone are left in the two frames, numbered anew in their order.

    Args:
        users: `[n_users]` bool, who stays.
        items: `[n_items]` bool, what stays.
    """
    log = events.log.with_columns(user=_places(users).gather(events.log["user"]))
    log = log.with_columns(item=_places(items).gather(events.log["item"]))
    left = log.filter(pl.col("user").is_not_null() & pl.col("item").is_not_null())
    return replace(events, log=left, users=events.users.filter(users), items=events.items.filter(items))


def _places(stays: pl.Series) -> pl.Series:
    """The new index of each that stays, missing for the others; UInt32."""
    number = stays.cast(pl.Int64).cum_sum() - 1
    return pl.select(pl.when(stays).then(number).cast(pl.UInt32)).to_series()


def everything(frame: pl.DataFrame) -> pl.Series:
    """True for each row."""
    return pl.repeat(value=True, n=len(frame), eager=True)
