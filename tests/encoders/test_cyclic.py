"""Places in the day, the week and the year against the standard library's calendar."""

import math
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.encoders.cyclic import Cyclic


def moments(*seconds: int | None) -> pl.Series:
    return pl.Series("c", seconds, dtype=pl.Int64)


def shares(seconds: int) -> dict[str, float]:
    moment = datetime.fromtimestamp(seconds, UTC)
    start, end = (datetime(moment.year + add, 1, 1, tzinfo=UTC) for add in (0, 1))
    day = (moment.hour * 3600 + moment.minute * 60 + moment.second) / 86_400
    return {"day": day, "week": (moment.weekday() + day) / 7, "year": (moment - start) / (end - start)}


def waves(share: float) -> tuple[float, float]:
    return math.sin(2 * math.pi * share), math.cos(2 * math.pi * share)


@given(st.integers(-(10**9), 4 * 10**9))
@settings(deadline=None, max_examples=50)
def test_it_is_the_place_in_the_day_the_week_and_the_year(seconds: int) -> None:
    encoded = Cyclic().encode(moments(seconds), {})[0].tolist()
    assert encoded == pytest.approx([w for share in shares(seconds).values() for w in waves(share)], abs=1e-5)


@pytest.mark.parametrize("periods", [*combinations(("day", "week", "year"), 1), ("year", "day")])
def test_periods_can_be_chosen(periods: Any) -> None:
    encoder, second = Cyclic(periods=periods), 1_709_164_800 + 12_345
    encoded = encoder.encode(moments(second), {})
    assert encoded[0].tolist() == pytest.approx(
        [w for p in periods for w in waves(shares(second)[p])], abs=1e-5
    )
    assert encoder.module({}, 8).width == encoded.shape[1] == 2 * len(periods)


def test_a_leap_year_ends_where_the_next_year_begins() -> None:
    last, first = (
        int(datetime(*day, tzinfo=UTC).timestamp()) for day in ((2024, 12, 31, 23, 59), (2025, 1, 1))
    )
    before, after = Cyclic(periods=["year"]).encode(moments(last, first), {}).tolist()
    assert before == pytest.approx(after, abs=2e-5)
    assert after == [0.0, 1.0]


def test_a_missing_moment_has_no_place() -> None:
    assert Cyclic().encode(moments(None), {}).tolist() == [[0.0] * 6]


@pytest.mark.parametrize(
    ("days", "kept"),
    [(0.5, ["day", "week", "year"]), (3, ["day"]), (30, ["day", "week"]), (400, ["day", "week", "year"])],
)
def test_a_period_that_training_does_not_span_is_left_out(days: float, kept: list[str]) -> None:
    encoder, start = Cyclic(), 1_709_164_800
    state = encoder.fit(moments(start, None, start + int(days * 86_400)))
    assert state == {"periods": kept}
    later = encoder.encode(moments(start + 10**8), state)
    assert later.shape[1] == encoder.module(state, 8).width == 2 * len(kept)
