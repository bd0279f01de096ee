"""Independent source: ranx, whose own tests hold it to trec_eval.

It differs in three ways, each tested as such: a query without a relevant item counts as 0, where we have no
query; RBP weighs a hit by its grade, where we weigh it by 1; equal scores are in some one order, where we take
the mean over all orders.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Literal

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

from recsys.metrics.ranking import RankingMetrics
from recsys.metrics.whole_list import WholeList
from recsys.ops import csr
from recsys.ops.placing import place
from recsys.ops.topk import rank
from recsys.types import Counts, Csr, Facts, Graph

pytestmark = pytest.mark.filterwarnings("ignore:unsafe cast from uint64 to int64")

Gain = Literal["exponential", "linear"]
BINARY = {
    "recall@{k}": "recall@{k}",
    "precision@{k}": "precision@{k}",
    "hit_rate@{k}": "hit_rate@{k}",
    "map@{k}": "map@{k}",
    "mrr@{k}": "mrr@{k}",
    "r_precision": "r-precision",
}
NDCG: Mapping[Gain, str] = {"linear": "ndcg@{k}", "exponential": "ndcg_burges@{k}"}


@dataclass(frozen=True)
class Problem:
    """Some users' scores and grades of all items; a seen item is no candidate and has grade 0."""

    scores: list[list[float]]
    grades: list[list[int]]
    seen: list[set[int]]
    k: int


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    users, items = draw(st.integers(1, 4)), draw(st.integers(1, 8))
    scores = [[float(score) for score in draw(st.permutations(range(items)))] for _ in range(users)]
    grade = st.sampled_from([0, 0, 0, 1, 2, 4])
    grades = draw(st.lists(st.lists(grade, min_size=items, max_size=items), min_size=users, max_size=users))
    seen = [{item for item in range(items) if draw(st.integers(0, 4)) == 0} for _ in range(users)]
    kept = [[0 if i in seen[u] else g for i, g in enumerate(row)] for u, row in enumerate(grades)]
    return Problem(scores, kept, seen, draw(st.integers(1, items + 3)))


def facts() -> Facts:
    none = torch.zeros(0, dtype=torch.int64)
    empty = Csr(torch.zeros(1, dtype=torch.int64), none)
    return Facts(Counts(none, none, 0, 0), Graph(empty, empty))


def pairs(rows: Sequence[Sequence[int]]) -> Csr:
    flat = [(row, item) for row, items in enumerate(rows) for item in items]
    row, item = torch.tensor(flat, dtype=torch.int64).view(-1, 2).T
    return csr.from_pairs(row, item, len(rows))


def ours(problem: Problem, gain: Gain) -> tuple[list[int], dict[str, Tensor]]:
    """Whom we measured, and each metric's values."""
    scores, users = torch.tensor(problem.scores), torch.arange(len(problem.scores))
    relevant = pairs([[i for i, grade in enumerate(row) if grade] for row in problem.grades])
    grade = torch.tensor([grade for row in problem.grades for grade in row if grade], dtype=torch.float32)
    seen = pairs([sorted(items) for items in problem.seen])
    family = RankingMetrics(ks=[problem.k], gain=gain, persistence=0.8)
    lists = family.observe(rank(scores, users, relevant, seen, problem.k, grade), facts())
    placed = place(scores, users, relevant, scores.shape[1] - csr.lengths(seen))
    whole = WholeList().observe(placed, facts())
    assert torch.equal(lists.user, whole.user)
    return lists.user.tolist(), {**lists.per_user, **whole.per_user}


def theirs(
    ranx: ModuleType, problem: Problem, metric: str, *, graded: bool, depth: int | None = None
) -> list[float]:
    """ranx's value of each user, those without a relevant item included.

    Args:
        graded: whether ranx sees the grades, or 1 for each relevant item.
        depth: how much of each list it sees; all of it if None.
    """
    judged = {
        str(u): {str(i): grade if graded else min(grade, 1) for i, grade in enumerate(row)}
        for u, row in enumerate(problem.grades)
    }
    lists = {}
    for u, row in enumerate(problem.scores):
        best = sorted((i for i in range(len(row)) if i not in problem.seen[u]), key=lambda i: -row[i])
        lists[str(u)] = {str(i): row[i] for i in best[:depth]} or {"nothing": 0.0}
    values = ranx.evaluate(ranx.Qrels(judged), ranx.Run(lists), metric.format(k=problem.k), return_mean=False)
    return [float(value) for value in values]


@pytest.fixture(scope="module")
def ranx() -> ModuleType:
    return pytest.importorskip("ranx", reason="ranx is not installed")


many = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(problem=problems())
@many
def test_each_metric_of_each_user_is_that_of_ranx(ranx: ModuleType, problem: Problem) -> None:
    for gain, ndcg in NDCG.items():
        users, values = ours(problem, gain)
        assert users == [u for u, row in enumerate(problem.grades) if any(row)]
        expected = {name: theirs(ranx, problem, metric, graded=False) for name, metric in BINARY.items()}
        expected["ndcg@{k}"] = theirs(ranx, problem, ndcg, graded=True)
        expected["rbp@{k}"] = theirs(ranx, problem, "rbp.80", graded=False, depth=problem.k)
        for name, each in expected.items():
            mine = values[name.format(k=problem.k)].tolist()
            assert mine == pytest.approx([each[user] for user in users], abs=1e-6), name


def of_all(mean: float, with_relevant: int, users: int) -> float:
    """ranx's mean from ours: users without a relevant item count as 0."""
    return mean * with_relevant / users


@given(problem=problems())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_means_differ_from_ranx_by_the_users_without_a_relevant_item(
    ranx: ModuleType, problem: Problem
) -> None:
    users, values = ours(problem, "linear")
    assume(users)
    for name, metric in BINARY.items():
        each = theirs(ranx, problem, metric, graded=False)
        mean = float(values[name.format(k=problem.k)].mean())
        assert sum(each) / len(each) == pytest.approx(of_all(mean, len(users), len(each)), abs=1e-6), name


@pytest.mark.parametrize("grade", [1, 2, 5])
def test_rbp_of_ranx_weighs_a_hit_by_its_grade_and_ours_does_not(ranx: ModuleType, grade: int) -> None:
    problem = Problem([[4.0, 3.0, 2.0, 1.0]], [[grade, 0, grade, 0]], [set()], 4)
    _, values = ours(problem, "linear")
    assert float(values["rbp@4"]) == pytest.approx(0.2 * (1 + 0.8**2))
    assert theirs(ranx, problem, "rbp.80", graded=True) == pytest.approx([grade * float(values["rbp@4"])])


def test_equal_scores_get_the_mean_of_ranx_over_all_their_orders(ranx: ModuleType) -> None:
    tied = Problem([[2.0, 1.0, 1.0, 1.0, 0.0]], [[0, 3, 0, 1, 1]], [set()], 3)
    orders = [
        Problem([[2.0, *order, 0.0]], tied.grades, tied.seen, tied.k)
        for order in itertools.permutations([1.3, 1.2, 1.1])
    ]
    _, values = ours(tied, "exponential")
    expected = {"ndcg@3": [theirs(ranx, order, "ndcg_burges@3", graded=True)[0] for order in orders]}
    for name, metric in BINARY.items():
        expected[name.format(k=3)] = [theirs(ranx, order, metric, graded=False)[0] for order in orders]
    for name, each in expected.items():
        assert float(values[name]) == pytest.approx(sum(each) / len(each), abs=1e-9), name
