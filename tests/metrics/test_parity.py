"""Independent source: loops over pairs of groups and over items; scikit-learn for NDCG."""

import itertools
import math
from statistics import mean
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from recsys.metrics.parity import Parity
from recsys.types import Attribute, UserError


def ndcg(row: list[int], relevant: set[int], k: int) -> float:
    gain = sum(1 / math.log2(place + 2) for place, item in enumerate(row[:k]) if item in relevant)
    return gain / sum(1 / math.log2(place + 2) for place in range(min(k, len(relevant))))


def distance(one: list[int], other: list[int], n_items: int) -> float:
    shares = [[own.count(item) / len(own) for item in range(n_items)] for own in (one, other)]
    return sum(abs(p - q) for p, q in zip(*shares, strict=True)) / 2


def kinds(values: list[int], n: int = 3) -> dict[str, Attribute]:
    return {"kind": Attribute("category", torch.tensor(values), tuple("abcdef"[:n]))}


@given(st.integers(0, 10**6), st.integers(1, 3))
@settings(max_examples=120, deadline=None)
def test_values_are_those_of_loops_over_groups(
    world: Any, ranking_of: Any, facts_of: Any, measured: Any, seed: int, least: int
) -> None:
    w = world(seed)
    shown = [row or [0] for row in w.shown]
    kind = [(seed // 7 + user * 5) % 4 - 1 for user in range(w.n_users)]
    facts = facts_of(w.n_users, w.n_items, w.history, users=kinds(kind))
    family = Parity(ks=[1, w.k], min_size=least)
    values = measured(family, ranking_of(w.user, shown, w.relevant), facts).values
    groups = [[place for place, user in enumerate(w.user) if kind[user] == group] for group in range(3)]
    groups = [group for group in groups if len(group) >= least]
    for k in family.ks:
        if len(groups) < 2:
            assert math.isnan(values[f"quality_gap@{k}"])
            assert math.isnan(values[f"exposure_gap@{k}"])
            continue
        quality = [mean(ndcg(shown[place], w.relevant[place], k) for place in group) for group in groups]
        lists = [[item for place in group for item in shown[place][:k]] for group in groups]
        gap = max(distance(a, b, w.n_items) for a, b in itertools.combinations(lists, 2))
        assert values[f"quality_gap@{k}"] == pytest.approx(max(quality) - min(quality), abs=1e-12)
        assert values[f"exposure_gap@{k}"] == pytest.approx(gap, abs=1e-12)


def test_the_gap_of_quality_is_that_of_scikit_learn(ranking_of: Any, facts_of: Any, measured: Any) -> None:
    generator = np.random.default_rng(0)
    scores = generator.permuted(np.tile(np.arange(12.0), (30, 1)), axis=1)
    truth = generator.random((30, 12)) < 0.3
    truth[:, 0] = True
    shown = np.argsort(-scores, axis=1)[:, :5].tolist()
    relevant = [set(row.nonzero()[0].tolist()) for row in truth]
    facts = facts_of(30, 12, [set()] * 30, users=kinds([0] * 10 + [1] * 20, 2))
    values = measured(Parity(ks=[5], min_size=10), ranking_of(range(30), shown, relevant), facts).values
    one, other = (ndcg_score(truth[rows], scores[rows], k=5) for rows in (slice(0, 10), slice(10, 30)))
    assert values["quality_gap@5"] == pytest.approx(abs(one - other))


def test_groups_that_are_shown_the_same_differ_by_nothing_and_nothing_in_common_by_all(
    ranking_of: Any, facts_of: Any, measured: Any
) -> None:
    facts = facts_of(4, 4, [set()] * 4, users=kinds([0, 0, 1, 1], 2))
    family = Parity(ks=[2], min_size=2)
    same = ranking_of(range(4), [[0, 1], [2, 3], [2, 3], [0, 1]], [{0}, {2}, {2}, {0}])
    apart = ranking_of(range(4), [[0, 1], [1, 0], [2, 3], [3, 2]], [{0}, {1}, {0}, {1}])
    assert measured(family, same, facts).values == pytest.approx({"quality_gap@2": 0, "exposure_gap@2": 0})
    assert measured(family, apart, facts).values == pytest.approx({"quality_gap@2": 1, "exposure_gap@2": 1})


def test_ndcg_of_equal_scores_is_its_expected_value(ranking_of: Any, facts_of: Any, measured: Any) -> None:
    plain = ranking_of([0, 1], [[0, 1], [0, 1]], [{0}, {0}])
    tied = torch.tensor([[2, 2], [1, 1]])
    ranking = type(plain)(
        **{
            **vars(plain),
            "tie_size": tied,
            "tie_relevant": torch.tensor([[1, 1], [1, 0]]),
            "tie_offset": torch.tensor([[0, 1], [0, 0]]),
        }
    )
    values = measured(Parity(min_size=1), ranking, facts_of(2, 2, [set()] * 2, users=kinds([0, 1], 2))).values
    assert values["quality_gap@10"] == pytest.approx(1 - (1 + 1 / math.log2(3)) / 2)


def test_a_column_that_is_not_there_is_refused(ranking_of: Any, facts_of: Any) -> None:
    ranking, facts = ranking_of([0], [[0]], [{0}]), facts_of(1, 1, [set()], users=kinds([0], 1))
    with pytest.raises(UserError, match=r"metrics\.parity\.column=gender: .* not there; choose one of kind"):
        Parity(column="gender").observe(ranking, facts)
    with pytest.raises(
        UserError, match=r"metrics\.parity\.column: data has no user column of type category or"
    ):
        Parity().observe(ranking, facts_of(1, 1, [set()]))


def test_no_gap_is_better_when_larger() -> None:
    family = Parity(ks=[2])
    assert family.names == ["quality_gap@2", "exposure_gap@2"]
    assert not any(family.higher_is_better(name) for name in family.names)
