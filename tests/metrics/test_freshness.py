"""Independent source: loops over lists, with datetime for the ages."""

import math
from datetime import UTC, datetime, timedelta
from statistics import mean
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.metrics.freshness import Freshness
from recsys.types import Attribute, UserError

CUTOFF = datetime(2026, 11, 25, tzinfo=UTC)


def released(ages: list[float | None]) -> Attribute:
    times = [math.nan if a is None else (CUTOFF - timedelta(days=a)).timestamp() for a in ages]
    return Attribute("time", torch.tensor(times, dtype=torch.float64))


@given(st.integers(0, 10**6))
@settings(max_examples=80, deadline=None)
def test_values_are_those_of_loops(
    world: Any, ranking_of: Any, facts_of: Any, measured: Any, seed: int
) -> None:
    w = world(seed)
    ages = [None if (seed + item) % 5 == 0 else (seed * 7 + item * 3.5) % 40 - 10 for item in range(w.n_items)]
    facts = facts_of(
        w.n_users, w.n_items, w.history, items={"out": released(ages)}, cutoff=int(CUTOFF.timestamp())
    )
    got = measured(Freshness(ks=[1, w.k]), ranking_of(w.user, w.shown, w.relevant), facts)
    for k in (1, w.k):
        dated = [[age for i in row[:k] if (age := ages[i]) is not None] for row in w.shown]
        age = [mean(own) if own else math.nan for own in dated]
        new = [mean([float(not w.audience(i)) for i in row[:k]] or [0.0]) for row in w.shown]
        assert got.per_user[f"age_days@{k}"].tolist() == pytest.approx(age, nan_ok=True, abs=1e-9)
        assert got.per_user[f"new_items@{k}"].tolist() == pytest.approx(new)
        known = [a for a in age if not math.isnan(a)]
        expected = mean(known) if known else math.nan
        assert got.values[f"age_days@{k}"] == pytest.approx(expected, nan_ok=True, abs=1e-9)
        assert got.values[f"new_items@{k}"] == pytest.approx(mean(new))


def test_the_first_time_column_is_taken_or_the_named_one(ranking_of: Any, facts_of: Any, measured: Any) -> None:
    items = {
        "year": Attribute("number", torch.tensor([1.0])),
        "out": released([3.0]),
        "again": released([-2.0]),
    }
    facts = facts_of(1, 1, [set()], items=items, cutoff=int(CUTOFF.timestamp()))
    ranking = ranking_of([0], [[0]], [{0}])
    first = measured(Freshness(), ranking, facts).values
    assert first == pytest.approx({"age_days@10": 3, "new_items@10": 1})
    assert measured(Freshness(column="again"), ranking, facts).values["age_days@10"] == pytest.approx(-2)


def test_no_time_is_refused(ranking_of: Any, facts_of: Any) -> None:
    ranking, number = ranking_of([0], [[0]], [{0}]), Attribute("number", torch.tensor([1.0]))
    with pytest.raises(UserError, match=r"metrics\.freshness\.column: .* item columns are: year \(number\)"):
        Freshness().observe(ranking, facts_of(1, 1, [set()], items={"year": number}, cutoff=0))
    with pytest.raises(UserError, match=r"metrics\.freshness: needs a time for each event"):
        Freshness().observe(ranking, facts_of(1, 1, [set()], items={"out": released([1.0])}))
    assert [need.what for need in Freshness().needs] == ["data.time"]


def test_new_is_better() -> None:
    family = Freshness(ks=[2])
    assert [family.higher_is_better(name) for name in family.names] == [False, True]
