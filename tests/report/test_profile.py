"""Profiles of logs that are counted by hand, of the marketplace against plain loops, and of MovieLens 100K.

Gini is compared with its definition, half the relative mean absolute difference; the numbers of MovieLens 100K
are those of the publisher's README and of a count of u.data with the standard library.
"""

import math
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.data.marketplace import Marketplace
from recsys.data.movielens_100k import MovieLens100K
from recsys.label.click import Click
from recsys.label.rating_threshold import RatingThreshold
from recsys.report.hazards import hazards
from recsys.report.profile import Profile, popularity, profile
from recsys.report.profile_table import SHORT, columns
from recsys.types import Columns, Events

DAY = 86_400
NOW = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
START = int(datetime(2025, 6, 2, tzinfo=UTC).timestamp())
"""A Monday."""


def events(
    rows: list[tuple[Any, ...]],
    *,
    n_users: int,
    n_items: int,
    items: dict[str, Any] | None = None,
    types: dict[str, Any] | None = None,
    impressions: bool = False,
) -> Events:
    """A log of (user, item, seconds after `START`, rating), None for a log without time."""
    timed = rows[0][2] is not None
    log = pl.DataFrame(rows, schema=["user", "item", "time", "rating"], orient="row", strict=False)
    log = log.cast({"user": pl.UInt32, "item": pl.UInt32, "rating": pl.Float64})
    log = log.with_columns(pl.col("time") + START) if timed else log.drop("time")
    declared = Columns(
        user={"u": "id"},
        item={"i": "id", **(types or {})},
        context={"at": "time"} if timed else {},
        feedback={"rating": "number"},
    )
    users = pl.DataFrame({"u": range(n_users)})
    return Events(log, users, pl.DataFrame({"i": range(n_items), **(items or {})}), declared, impressions)


ROWS = [
    (0, 0, 0, 5.0),
    (0, 1, 3600, 1.0),
    (1, 0, DAY, 4.0),
    (1, 0, DAY + 1, 2.0),
    (2, 0, 2 * DAY, 5.0),
    (2, 0, 2 * DAY, 5.0),
]
"""Two of three users on three items of four, none on the last two; one pair twice, one row twice."""


def of(log: Events, *, labelled: bool = True) -> Profile:
    return profile(log, RatingThreshold().apply(log) if labelled else None)


def test_a_log_counted_by_hand() -> None:
    found = of(events(ROWS, n_users=4, n_items=4))
    assert (found.rows, found.users, found.items, found.pairs) == (6, 4, 4, 4)
    assert found.density == 4 / 16
    assert (found.first, found.last) == (START, START + 2 * DAY)
    assert (found.label, found.labelled) == (4 / 6, 6)
    assert not found.impressions
    by_item, by_user = found.by_item, found.by_user
    assert (by_item.without, by_item.single, by_item.median, by_item.most) == (2, 1, 0.5, 5)
    assert (by_user.without, by_user.single, by_user.median, by_user.most) == (1, 0, 2.0, 2)
    # |0-0| + |0-1| * 2 * 2 + |0-5| * 2 * 2 + |1-5| * 2 = 32, over 2 n² mean = 2 * 16 * 1.5
    assert by_item.gini == pytest.approx(32 / 48)
    assert by_item.top1 == by_item.top10 == pytest.approx(5 / 6)


def test_periods_counted_by_hand() -> None:
    found = of(events(ROWS, n_users=4, n_items=4))
    assert found.period == "day"
    assert [(period.start, period.events, period.label) for period in found.periods] == [
        ("2025-06-02", 2, 0.5),
        ("2025-06-03", 2, 0.5),
        ("2025-06-04", 2, 1.0),
    ]


@pytest.mark.parametrize(
    ("days", "period", "starts"),
    [
        (23, "day", ["2025-06-02", "2025-06-25"]),
        (30, "week", ["2025-06-02", "2025-06-30"]),
        (200, "month", ["2025-06-01", "2025-12-01"]),
        (1000, "quarter", ["2025-04-01", "2028-01-01"]),
        (9000, "year", ["2025-01-01", "2050-01-01"]),
    ],
)
def test_the_period_follows_the_span(days: int, period: str, starts: list[str]) -> None:
    found = of(events([(0, 0, 0, 5.0), (0, 1, days * DAY, 1.0)], n_users=1, n_items=2))
    assert found.period == period
    assert [each.start for each in found.periods] == starts


def test_rows_without_a_label_are_counted_and_not_averaged() -> None:
    log = events(ROWS, n_users=4, n_items=4)
    part = RatingThreshold().apply(log)
    part = Events(part.log.head(2), part.users, part.items, part.columns)
    found = profile(log, part)
    assert (found.label, found.labelled) == (0.5, 2)
    assert [(period.events, period.label) for period in found.periods] == [(2, 0.5), (2, None), (2, None)]


def test_a_log_without_time_and_label() -> None:
    found = of(events([(0, 0, None, 1.0), (0, 1, None, 2.0)], n_users=1, n_items=2), labelled=False)
    assert (found.first, found.last, found.periods, found.label) == (None, None, (), None)
    assert hazards(events([(0, 0, None, 1.0), (0, 1, None, 2.0)], n_users=1, n_items=2), found, NOW) == [
        "2 items have one event (100%): its embedding is learnt from one row or from none"
    ]


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30).filter(sum))
def test_popularity_is_its_definition(counts: list[int]) -> None:
    found = popularity(
        pl.Series([place for place, count in enumerate(counts) for _ in range(count)], dtype=pl.UInt32),
        len(counts),
    )
    n, total = len(counts), sum(counts)
    difference = sum(abs(x - y) for x in counts for y in counts)
    assert found.gini == pytest.approx(difference / (2 * n * total))
    ordered = sorted(counts, reverse=True)
    assert found.top1 == pytest.approx(sum(ordered[: math.ceil(n / 100)]) / total)
    assert found.top10 == pytest.approx(sum(ordered[: math.ceil(n / 10)]) / total)


def test_columns_counted_by_hand() -> None:
    items = {
        "kinds": [["a", "b"], [], ["a"], []],
        "shade": ["x", None, "x", "y"],
        "where": pl.Series([[1.0, 2.0], None, [1.0, 2.0], [3.0, 4.0]], dtype=pl.Array(pl.Float64, 2)),
        "words": ["one", "two words", "three more words", None],
        "new": [True, False, None, True],
        "out": [0, DAY, None, 10 * DAY],
    }
    types = {"kinds": "categories", "shade": "category", "where": "geo", "words": "text", "new": "flag"}
    log = events(ROWS, n_users=4, n_items=4, items=items, types={**types, "out": "time"})
    found = of(log)
    assert [(c.side, c.name, c.type, c.rows, c.missing, c.distinct) for c in found.columns] == [
        ("user", "u", "id", 4, 0, 4),
        ("item", "i", "id", 4, 0, 4),
        ("item", "kinds", "categories", 4, 2, 2),
        ("item", "shade", "category", 4, 1, 2),
        ("item", "where", "geo", 4, 1, 2),
        ("item", "words", "text", 4, 1, 3),
        ("item", "new", "flag", 4, 1, 2),
        ("item", "out", "time", 4, 1, 3),
        ("context", "at", "time", 6, 0, 5),
        ("feedback", "rating", "number", 6, 0, 4),
    ]
    shown = {row[1]: row[5] for row in columns(found)}
    assert shown == {
        "u": "each once",
        "i": "each once",
        "kinds": "0.8 a row",
        "shade": "x: 66.7%",
        "where": "",
        "words": "2.0 words",
        "new": "66.7% true",
        "out": "1970-01-01 to 1970-01-11",
        "at": "2025-06-02 to 2025-06-04",
        "rating": "1 to 5, mean 3.667",
    }


def warned(log: Events) -> list[str]:
    return hazards(log, of(log, labelled=False), NOW)


def one_warning(log: Events, *parts: str) -> None:
    found = [line for line in warned(log) if parts[0] in line]
    assert len(found) == 1, warned(log)
    for part in parts:
        assert part in found[0]


GOOD = [
    (user, item, 3601 * user + 977 * item, float(1 + (user + item) % 5))
    for user in range(4)
    for item in range(5)
]


def good(**more: Any) -> Events:
    return events(GOOD, n_users=4, n_items=5, **more)


def changed(**columns: pl.Expr) -> Events:
    log = good()
    return Events(log.log.with_columns(**columns), log.users, log.items, log.columns)


def test_good_data_is_not_warned_of() -> None:
    assert warned(good()) == []


def test_repeated_rows_and_pairs_are_told_apart() -> None:
    log = events(ROWS, n_users=4, n_items=4)
    one_warning(log, "1 row is equal to an earlier one in every column")
    one_warning(log, "1 row is about a (user, item) pair")


def test_showing_an_item_again_is_no_hazard() -> None:
    found = warned(events(ROWS, n_users=4, n_items=4, impressions=True))
    assert not any("pair" in line for line in found)
    assert any("equal to an earlier one" in line for line in found)


def test_times_that_cannot_be_right_are_named() -> None:
    future = changed(time=pl.when(pl.int_range(pl.len()) < 3).then(NOW + 400 * DAY).otherwise("time"))
    one_warning(future, "3 rows are in the future", "2027-02-05", "data.time_unit")
    early = changed(time=pl.col("time") // 1000)
    one_warning(early, "20 rows are before 1990", "from 1970-01-", "data.time_unit")
    far = changed(time=pl.lit(10**15))
    one_warning(far, "20 rows are in the future", "1000000000000000 seconds after 1970")


def test_times_that_tell_little_are_named() -> None:
    one_warning(changed(time=pl.lit(START)), "all events have one time")
    one_warning(changed(time=START + DAY * pl.col("item").cast(pl.Int64)), "times are whole days")


def test_users_and_items_with_one_event_or_none_are_counted() -> None:
    log = events([*GOOD, (4, 0, 5, 1.0), (5, 1, 7, 1.0), (0, 5, 9, 1.0)], n_users=7, n_items=7)
    one_warning(log, "2 users have one event (29%)")
    one_warning(log, "1 item has one event (14%)")
    one_warning(log, "1 user has no event at all")
    one_warning(log, "1 item has no event at all")


COLUMNS: list[tuple[str, str, list[Any], str]] = [
    ("nothing", "number", [None] * 5, "item.x: has no value at all"),
    ("one value", "category", ["a"] * 5, "item.x: has the same value in every row"),
    ("one list", "categories", [["a"]] * 5, "item.x: has the same value in every row"),
    ("one number", "number", [1.0] * 5, "item.x: has the same value in every row"),
    ("a key", "category", list("abcde"), "item.x: every value stands once"),
    (
        "sentences",
        "category",
        ["a b c", "d e f", "g h i", "j k l", "m n o"],
        "of 3.0 words each it looks like text: declare it so",
    ),
    (
        "sentences, one twice",
        "category",
        ["a b", "a b", "c d", "e f", "g h"],
        "4 values in 5 rows; of 2.0 words each",
    ),
]


@pytest.mark.parametrize(("type_", "values", "message"), [c[1:] for c in COLUMNS], ids=[c[0] for c in COLUMNS])
def test_a_column_that_teaches_nothing_is_named(type_: str, values: list[Any], message: str) -> None:
    one_warning(good(items={"x": values}, types={"x": type_}), message)


FINE: list[tuple[str, list[Any]]] = [
    ("category", ["a", "a", "b", "b", None]),
    ("number", [1.0, 2.0, 3.0, 4.0, 5.0]),
    ("text", ["a b", "c d", "e f", "g h", "i j"]),
    ("flag", [True, False, True, None, None]),
    ("flag", [True, None, True, None, None]),
]


@pytest.mark.parametrize(("type_", "values"), FINE)
def test_a_column_that_may_be_so_is_not(type_: str, values: list[Any]) -> None:
    assert warned(good(items={"x": values}, types={"x": type_})) == []


def test_a_category_of_very_many_values_is_named() -> None:
    values = [f"v{n % 12_000}" for n in range(60_000)]
    rows = [(n % 100, n, n, 1.0 + n % 2) for n in range(60_000)]
    log = events(rows, n_users=100, n_items=60_000, items={"x": values}, types={"x": "category"})
    one_warning(log, "item.x: 12,000 values in 60,000 rows, most of them rare")


def test_the_marketplace_is_counted_as_by_plain_loops() -> None:
    log = Marketplace(users=60, items=50, authors=8, days=5, sessions=1.0).load()
    found = profile(log, Click().apply(log))
    rows = log.log.rows(named=True)
    shown = Counter(row["item"] for row in rows)
    counts = sorted((shown.get(item, 0) for item in range(50)), reverse=True)
    assert found.impressions
    assert (found.rows, found.users, found.items) == (len(rows), 60, 50)
    assert found.pairs == len({(row["user"], row["item"]) for row in rows})
    assert found.by_item.without == counts.count(0)
    assert found.by_item.most == counts[0]
    assert found.by_item.top10 == pytest.approx(sum(counts[:5]) / len(rows))
    assert found.label == pytest.approx(sum(row["click"] for row in rows) / len(rows))
    clicks = Counter(row["time"] // DAY for row in rows if row["click"])
    days = Counter(row["time"] // DAY for row in rows)
    assert [period.events for period in found.periods] == [days[day] for day in sorted(days)]
    rates = [clicks[day] / days[day] for day in sorted(days)]
    assert [period.label for period in found.periods] == pytest.approx(rates)
    by_name = {(column.side, column.name): column for column in found.columns}
    devices = {row["device"] for row in rows}
    assert by_name["context", "device"].distinct == len(devices)
    assert len(by_name) == 21


def test_movielens_100k_is_what_its_readme_says(recsys_data: Path) -> None:
    log = MovieLens100K().load()
    found = profile(log, RatingThreshold(threshold=4).apply(log))
    lines = [line.split() for line in (recsys_data / "ml-100k" / "u.data").read_text().splitlines()]
    items = Counter(line[1] for line in lines)
    assert (found.rows, found.users, found.items, found.pairs) == (100_000, 943, 1_682, 100_000)
    assert found.by_item.single == sum(count == 1 for count in items.values())
    assert found.by_item.most == items.most_common(1)[0][1]
    assert found.by_item.top1 == pytest.approx(sum(count for _, count in items.most_common(17)) / 100_000)
    assert found.by_user.single == 0
    assert found.label == pytest.approx(sum(int(line[2]) >= 4 for line in lines) / 100_000)
    assert datetime.fromtimestamp(found.first or 0, UTC).strftime("%Y-%m") == "1997-09"
    assert datetime.fromtimestamp(found.last or 0, UTC).strftime("%Y-%m") == "1998-04"
    by_name = {column.name: column for column in found.columns}
    assert by_name["occupation"].distinct == 21
    assert by_name["genres"].distinct == 19
    assert by_name["released"].missing == 1
    assert len(hazards(log, found, NOW)) == 1


def test_long_values_are_cut() -> None:
    found = of(good(items={"x": ["y" * 99, "y" * 99, "z", "z", "z" * 9]}, types={"x": "category"}))
    (shown,) = [row[5] for row in columns(found) if row[1] == "x"]
    assert shown.startswith("y" * (SHORT - 1) + "…: 40.0%")
