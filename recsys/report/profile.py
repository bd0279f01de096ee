"""What a data set is like: sizes, columns, popularity, and how its label goes with time."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from recsys.ops.indexing import time_of
from recsys.types import ColumnType, Events

DAY = 86_400
PERIODS = (
    ("day", "1d", 1),
    ("week", "1w", 7),
    ("month", "1mo", 30),
    ("quarter", "1q", 91),
    ("year", "1y", 365),
)
"""Name, polars' name, and days of what time can be divided into."""
MOST = 24
"""Periods that are shown at most, years aside."""


@dataclass(frozen=True)
class Column:
    """One declared column.

    Attributes:
        side: `user`, `item`, `context` or `feedback`.
        rows: how many values there could be.
        missing: how many of them are not there; an empty list is not there.
        distinct: how many different values there are, of `categories` within all lists.
        values: the column itself.
    """

    side: str
    name: str
    type: ColumnType
    rows: int
    missing: int
    distinct: int
    values: pl.Series


@dataclass(frozen=True)
class Popularity:
    """How the events are spread over the items, or over the users.

    Attributes:
        without: how many have no event.
        single: how many have one event.
        median: events of the middle one.
        most: events of the one with the most.
        gini: 0 where all have equally many, towards 1 where one has all; over all that are known, those without
            events too.
        top1: share of the events that the first 1 % of them have (rounded up to a whole number of them).
        top10: likewise for the first 10 %.
    """

    without: int
    single: int
    median: float
    most: int
    gini: float
    top1: float
    top10: float


@dataclass(frozen=True)
class Period:
    """A part of the time span.

    Attributes:
        start: its first day (2025-06-01).
        events: how many lie in it.
        label: the mean label of those that have one; None where none has.
    """

    start: str
    events: int
    label: float | None


@dataclass(frozen=True)
class Profile:
    """What a data set is like. Made by `profile`.

    Attributes:
        density: share of the pairs of users and items that have an event.
        first: time of the first event, seconds since 1970 UTC; None without time.
        last: of the last event.
        label: mean label; None where there is none.
        labelled: rows that have a label.
        period: what the time span is divided into.
    """

    impressions: bool
    rows: int
    users: int
    items: int
    pairs: int
    density: float
    first: int | None
    last: int | None
    label: float | None
    labelled: int
    by_user: Popularity
    by_item: Popularity
    columns: tuple[Column, ...]
    period: str
    periods: tuple[Period, ...]


def profile(events: Events, labelled: Events | None) -> Profile:
    """Count everything once.

    Args:
        labelled: the same events with a label, rows without one left out; None where there is no label.
    """
    log, (users, items) = events.log, (len(events.users), len(events.items))
    pairs = log.select(pl.struct("user", "item").n_unique()).item()
    labels = None if labelled is None else labelled.log["label"].cast(pl.Float64)
    times = log["time"] if "time" in log.columns else None
    period, every = _period(times)
    return Profile(
        impressions=events.impressions,
        rows=len(log),
        users=users,
        items=items,
        pairs=pairs,
        density=pairs / (users * items),
        first=None if times is None else times.min(),  # type: ignore[arg-type]
        last=None if times is None else times.max(),  # type: ignore[arg-type]
        label=None if labels is None else labels.mean(),  # type: ignore[arg-type]
        labelled=0 if labels is None else len(labels),
        by_user=popularity(log["user"], users),
        by_item=popularity(log["item"], items),
        columns=tuple(_columns(events)),
        period=period,
        periods=() if times is None else tuple(_periods(log, labelled, every)),
    )


def popularity(indices: pl.Series, number: int) -> Popularity:
    """How often each of `number` entities stands among the indices.

    The Gini coefficient of counts x sorted upwards is Σ (2i - n - 1) xᵢ / (n Σ x), i from 1.
    """
    counts = np.sort(np.bincount(indices.to_numpy(), minlength=number))
    total, place = counts.sum(), np.arange(1, number + 1)
    return Popularity(
        without=int((counts == 0).sum()),
        single=int((counts == 1).sum()),
        median=float(np.median(counts)),
        most=int(counts[-1]),
        gini=float(((2 * place - number - 1) * counts).sum() / (number * total)),
        top1=float(counts[-math.ceil(number * 0.01) :].sum() / total),
        top10=float(counts[-math.ceil(number * 0.1) :].sum() / total),
    )


def words(column: Column) -> float:
    """The mean number of words of a value; 0 where the values are no text."""
    if column.values.dtype != pl.String:
        return 0.0
    return float(column.values.str.count_matches(r"\S+").mean() or 0)  # type: ignore[arg-type]


def _columns(events: Events) -> list[Column]:
    declared, time = events.columns, time_of(events.columns)
    found = []
    sides: tuple[tuple[str, Mapping[str, ColumnType], pl.DataFrame], ...] = (
        ("user", declared.user, events.users),
        ("item", declared.item, events.items),
        ("context", declared.context, events.log),
        ("feedback", declared.feedback, events.log),
    )
    for side, types, frame in sides:
        for name, type_ in types.items():
            own = side in ("context", "feedback") and name == time
            found.append(_column(side, name, type_, frame["time" if own else name]))
    return found


def _column(side: str, name: str, type_: ColumnType, values: pl.Series) -> Column:
    if type_ == "categories":
        missing = int((values.list.len().fill_null(0) == 0).sum())
        single = values.explode(empty_as_null=False, keep_nulls=False)
    else:
        missing, single = values.null_count(), values.drop_nulls()
    return Column(side, name, type_, len(values), missing, single.n_unique() if len(single) else 0, values)


def _period(times: pl.Series | None) -> tuple[str, str]:
    """The finest division of the time span into at most `MOST` periods, or years."""
    if times is None:
        return "", ""
    days = float(times.max() - times.min()) / DAY  # type: ignore[operator,arg-type]
    fitting = (each for each in PERIODS if days / each[2] < MOST)
    name, every, _ = next(fitting, PERIODS[-1])
    return name, every


def _periods(log: pl.DataFrame, labelled: Events | None, every: str) -> list[Period]:
    start = pl.from_epoch("time", time_unit="s").dt.truncate(every).dt.date().alias("start")
    counts = log.group_by(start).agg(pl.len().alias("events"))
    rates = pl.DataFrame(schema={"start": pl.Date, "label": pl.Float64})
    if labelled is not None:
        rates = labelled.log.group_by(start).agg(pl.col("label").cast(pl.Float64).mean())
    joined = counts.join(rates, on="start", how="left").sort("start")
    named = joined.with_columns(pl.col("start").dt.to_string("%Y-%m-%d"))
    return [Period(**row) for row in named.iter_rows(named=True)]
