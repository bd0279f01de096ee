"""Independent source: loops over positions and the user's training items, with sets."""

from statistics import mean
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.metrics.serendipity import Serendipity
from recsys.ops import similarity


@pytest.fixture(params=[2**18, 6], ids=["one chunk", "small chunks"], scope="module")
def chunks(request: pytest.FixtureRequest) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(similarity, "CELLS", request.param)
        yield


@given(st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_values_are_those_of_loops(
    chunks: None, world: Any, ranking_of: Any, facts_of: Any, measured: Any, seed: int
) -> None:
    w = world(seed)
    facts = facts_of(w.n_users, w.n_items, w.history)
    family = Serendipity(ks=[1, w.k])
    got = measured(family, ranking_of(w.user, w.shown, w.relevant), facts)
    for k in family.ks:
        expected = []
        for user, row, relevant in zip(w.user, w.shown, w.relevant, strict=True):
            value = 0.0
            for item in row[:k]:
                if item in relevant:
                    own = w.history[user]
                    value += 1 - (mean(w.cosine(item, h) for h in own) if own else 0)
            expected.append(value / k)
        assert got.per_user[f"serendipity@{k}"].tolist() == pytest.approx(expected, abs=1e-9)
        assert got.values[f"serendipity@{k}"] == pytest.approx(mean(expected), abs=1e-9)


def test_a_hit_counts_by_how_far_its_audience_is_from_the_history(
    ranking_of: Any, facts_of: Any, measured: Any
) -> None:
    # Of item 1's two users one took up item 0 too: cos = 1 / sqrt(1 x 2). Item 2 has nobody in common with 0.
    history = [{0, 1}, {1}, {2}]
    facts = facts_of(3, 3, history)
    near, far = (ranking_of([0], [[item]], [{item}]) for item in (1, 2))
    own = (1 / 2**0.5 + 1) / 2
    assert measured(Serendipity(ks=[1]), near, facts).values["serendipity@1"] == pytest.approx(1 - own)
    assert measured(Serendipity(ks=[1]), far, facts).values["serendipity@1"] == pytest.approx(1)


def test_without_history_it_is_precision_and_what_is_not_relevant_counts_nothing(
    ranking_of: Any, facts_of: Any, measured: Any
) -> None:
    ranking = ranking_of([0, 1], [[0, 1, 2, 3], [0, 1, 2, 3]], [{0, 3}, set()])
    got = measured(Serendipity(ks=[4]), ranking, facts_of(3, 4, [set(), set(), {0, 1, 2, 3}]))
    assert got.per_user["serendipity@4"].tolist() == pytest.approx([0.5, 0])


def test_higher_is_better() -> None:
    assert Serendipity().names == ["serendipity@10"]
    assert Serendipity().higher_is_better("serendipity@10")
