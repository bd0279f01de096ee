"""Independent source: loops over users and items."""

import math
from statistics import mean
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.metrics.popularity_bias import PopularityBias


@given(st.integers(0, 10**6))
@settings(max_examples=80, deadline=None)
def test_values_are_those_of_loops(
    world: Any, ranking_of: Any, facts_of: Any, measured: Any, seed: int
) -> None:
    w = world(seed)
    facts = facts_of(w.n_users, w.n_items, w.history)
    got = measured(PopularityBias(ks=[1, w.k]), ranking_of(w.user, w.shown, w.relevant), facts)
    popularity = [len(w.audience(item)) for item in range(w.n_items)]
    for k in (1, w.k):
        listed = [mean([popularity[i] for i in row[:k]] or [0]) for row in w.shown]
        novelty = [
            mean([-math.log2(max(popularity[i], 1) / w.n_users) for i in row[:k]] or [0]) for row in w.shown
        ]
        assert got.per_user[f"avg_popularity@{k}"].tolist() == pytest.approx(listed)
        assert got.per_user[f"novelty@{k}"].tolist() == pytest.approx(novelty)
        assert got.values[f"avg_popularity@{k}"] == pytest.approx(mean(listed))
        assert got.values[f"novelty@{k}"] == pytest.approx(mean(novelty))
        known = [place for place, user in enumerate(w.user) if w.history[user]]
        lift = math.nan
        if known:
            own = mean(mean(popularity[i] for i in w.history[w.user[place]]) for place in known)
            lift = mean(listed[place] for place in known) / own - 1
        assert got.values[f"popularity_lift@{k}"] == pytest.approx(lift, nan_ok=True, abs=1e-12)


def test_being_shown_what_one_took_up_lifts_nothing(ranking_of: Any, facts_of: Any, measured: Any) -> None:
    history = [{0, 1}, {0, 2}, {0}]
    ranking = ranking_of([0, 1, 2], [sorted(items) for items in history], [{0}] * 3)
    values = measured(PopularityBias(), ranking, facts_of(3, 4, history)).values
    assert values["popularity_lift@10"] == pytest.approx(0)


def test_novelty_counts_bits_and_an_unseen_item_as_of_one_user(
    ranking_of: Any, facts_of: Any, measured: Any
) -> None:
    history = [{0, 1}, {0, 1}, {0}, {0}, {0, 2}, {0}, {0}, {0}]
    ranking = ranking_of([0, 1, 2, 3], [[0], [1], [2], [3]], [{0}] * 4)
    got = measured(PopularityBias(), ranking, facts_of(8, 4, history))
    assert got.per_user["novelty@10"].tolist() == pytest.approx([0, 2, 3, 3])


def test_a_user_without_history_counts_for_popularity_and_not_for_the_lift(
    ranking_of: Any, facts_of: Any, measured: Any
) -> None:
    ranking = ranking_of([0, 1, 2], [[1], [0], [0]], [{0}] * 3)
    values = measured(PopularityBias(), ranking, facts_of(3, 2, [{0}, {0, 1}, set()])).values
    assert values["avg_popularity@10"] == pytest.approx((1 + 2 + 2) / 3)
    assert values["popularity_lift@10"] == pytest.approx((1 + 2) / (2 + 1.5) - 1)


def test_only_novelty_is_better_when_higher() -> None:
    family = PopularityBias(ks=[3])
    assert family.names == ["avg_popularity@3", "popularity_lift@3", "novelty@3"]
    assert [family.higher_is_better(name) for name in family.names] == [False, False, True]
