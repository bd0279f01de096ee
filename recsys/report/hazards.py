"""What in a data set will hurt: each warning says what there is, and what it does to a run."""

from collections.abc import Iterator
from datetime import UTC, datetime

import polars as pl

from recsys.report.profile import DAY, Column, Popularity, Profile, words
from recsys.types import Events

EARLY = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp())
HUGE = 10_000
"""Distinct values from which a category is called huge, where each stands in few rows."""


def hazards(events: Events, profile: Profile, now: int) -> list[str]:
    """A line for each hazard.

    Args:
        now: seconds since 1970 UTC; later events are in the future.
    """
    return [
        *_repeated(events, profile),
        *(_times(events.log["time"], now) if "time" in events.log.columns else ()),
        *_sparse(
            "user", profile.users, profile.by_user, "no split can put the user into training and test both"
        ),
        *_sparse("item", profile.items, profile.by_item, "its embedding is learnt from one row or from none"),
        *(line for column in profile.columns for line in _column(column)),
    ]


def _repeated(events: Events, profile: Profile) -> Iterator[str]:
    log = events.log
    equal = len(log) - log.n_unique()
    if equal:
        yield f"{_rows(equal)} equal to an earlier one in every column: were they exported twice?"
    repeated = profile.rows - profile.pairs - equal
    if repeated > 0 and not events.impressions:
        yield (
            f"{_rows(repeated)} about a (user, item) pair that an earlier row has, with other values: where "
            "one is held out and one was learnt from, the held-out one is left out of rankings"
        )


def _times(times: pl.Series, now: int) -> Iterator[str]:
    future, early = int((times > now).sum()), int((times < EARLY).sum())
    if future:
        yield f"{_rows(future)} in the future, up to {_date(times.max())}: is data.time_unit right?"
    if early:
        yield f"{_rows(early)} before 1990, from {_date(times.min())}: is data.time_unit right?"
    if times.n_unique() == 1:
        yield "all events have one time: a split by time, leave_last_out and recency have nothing to go by"
    elif (times % DAY == 0).all():
        yield (
            "times are whole days: the order of events within a day is not known, so leave_last_out and "
            "histories break ties by the order of the rows"
        )


def _sparse(side: str, number: int, popularity: Popularity, harm: str) -> Iterator[str]:
    if popularity.single:
        share = popularity.single / number
        have = f"{side} has" if popularity.single == 1 else f"{side}s have"
        yield f"{popularity.single:,} {have} one event ({share:.0%}): {harm}"
    if popularity.without:
        have = f"{side} has" if popularity.without == 1 else f"{side}s have"
        yield f"{popularity.without:,} {have} no event at all: only attributes can tell something about them"


def _column(column: Column) -> Iterator[str]:
    known, name = column.rows - column.missing, f"{column.side}.{column.name}"
    key = column.side in ("user", "item") and column.type == "id"
    if not known:
        yield f"{name}: has no value at all; leave it out of data.columns"
    elif column.distinct == 1 and column.rows > 1 and not column.missing:
        if column.name not in ("time", "timestamp") and column.type != "time":
            yield f"{name}: has the same value in every row, which nothing can be learnt from"
    elif key or column.type not in ("id", "category"):
        return
    elif column.distinct == known > 1:
        yield f"{name}: every value stands once, so nothing carries over from row to row{_wordy(column)}"
    elif column.distinct > known / 2 and words(column) >= 2:
        yield f"{name}: {column.distinct:,} values in {known:,} rows{_wordy(column)}"
    elif column.distinct > HUGE and column.distinct > known / 10:
        yield f"{name}: {column.distinct:,} values in {known:,} rows, most of them rare; group them, or drop it"


def _wordy(column: Column) -> str:
    each = words(column)
    return f"; of {each:.1f} words each it looks like text: declare it so" if each >= 2 else ""


def _rows(number: int) -> str:
    return "1 row is" if number == 1 else f"{number:,} rows are"


def _date(seconds: object) -> str:
    """The day, or the seconds where no calendar reaches."""
    try:
        return f"{datetime.fromtimestamp(float(seconds), UTC):%Y-%m-%d}"  # type: ignore[arg-type]
    except (ValueError, OverflowError, OSError):
        return f"{seconds} seconds after 1970"
