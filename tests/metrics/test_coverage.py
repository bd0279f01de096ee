"""Independent source: loops over items; the Gini index as mean absolute difference over twice the mean."""

import math
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.metrics.coverage import Coverage
from recsys.types import UserError

SEEDS = st.integers(0, 10**6)


@given(SEEDS)
@settings(max_examples=80, deadline=None)
def test_values_are_those_of_a_count_of_each_item(
    world: Any, ranking_of: Any, facts_of: Any, measured: Any, seed: int
) -> None:
    w = world(seed)
    facts = facts_of(w.n_users, w.n_items, w.history)
    values = measured(Coverage(ks=[1, w.k]), ranking_of(w.user, w.shown, w.relevant), facts).values
    for k in (1, w.k):
        count = Counter(item for row in w.shown for item in row[:k])
        every = [count[item] for item in range(w.n_items)]
        total, n = sum(every), w.n_items
        assert values[f"coverage@{k}"] == pytest.approx(len(count) / n)
        if not total:
            assert math.isnan(values[f"gini@{k}"])
            assert math.isnan(values[f"shannon@{k}"])
            continue
        difference = sum(abs(a - b) for a in every for b in every) / n**2
        assert values[f"gini@{k}"] == pytest.approx(difference / (2 * total / n), abs=1e-12)
        entropy = -sum(c / total * math.log(c / total) for c in every if c)
        assert values[f"shannon@{k}"] == pytest.approx(entropy, abs=1e-12)


@pytest.mark.parametrize("n", [1, 4, 9])
def test_everything_shown_equally_often_is_even(n: int, ranking_of: Any, facts_of: Any, measured: Any) -> None:
    shown = [[(user + place) % n for place in range(min(n, 3))] for user in range(n)]
    ranking = ranking_of(range(n), shown, [{0}] * n)
    values = measured(Coverage(ks=[3]), ranking, facts_of(n, n, [set()] * n)).values
    assert values["coverage@3"] == 1
    assert values["gini@3"] == pytest.approx(0, abs=1e-12)
    assert values["shannon@3"] == pytest.approx(math.log(n))


@pytest.mark.parametrize("n", [1, 4, 9])
def test_one_item_for_all_is_as_uneven_as_can_be(n: int, ranking_of: Any, facts_of: Any, measured: Any) -> None:
    ranking = ranking_of(range(5), [[n - 1]] * 5, [{0}] * 5)
    values = measured(Coverage(), ranking, facts_of(5, n, [set()] * 5)).values
    assert values["coverage@10"] == pytest.approx(1 / n)
    assert values["gini@10"] == pytest.approx((n - 1) / n)
    assert values["shannon@10"] == pytest.approx(0)


def test_names_directions_and_depths() -> None:
    family = Coverage(ks=[20, 5, 5])
    assert family.names == ["coverage@5", "coverage@20", "gini@5", "gini@20", "shannon@5", "shannon@20"]
    assert family.depth == 20
    assert [name for name in family.names if not family.higher_is_better(name)] == ["gini@5", "gini@20"]
    with pytest.raises(UserError, match=r"metrics\.coverage\.ks=\[\]"):
        Coverage(ks=[])
