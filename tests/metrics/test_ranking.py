"""Independent source: each metric of one order in plain Python, averaged over every order of equal scores.

For NDCG also scikit-learn, which averages over ties too.
"""

import itertools
import math
from collections.abc import Sequence

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score

from recsys.metrics import ranking as module
from recsys.metrics.ranking import RankingMetrics
from recsys.ops import csr
from recsys.ops.topk import rank
from recsys.types import Counts, Csr, Facts, Graph, Measurement, Ranking, UserError

Order = Sequence[int]


def recall(order: Order, relevant: set[int], k: int) -> float:
    return len(relevant & set(order[:k])) / len(relevant)


def precision(order: Order, relevant: set[int], k: int) -> float:
    return len(relevant & set(order[:k])) / k


def hit_rate(order: Order, relevant: set[int], k: int) -> float:
    return float(bool(relevant & set(order[:k])))


def ndcg(order: Order, relevant: set[int], k: int) -> float:
    gain = sum(1 / math.log2(place + 2) for place, item in enumerate(order[:k]) if item in relevant)
    return gain / sum(1 / math.log2(place + 2) for place in range(min(k, len(relevant))))


def average_precision(order: Order, relevant: set[int], k: int) -> float:
    hits = [place for place in range(1, min(k, len(order)) + 1) if order[place - 1] in relevant]
    return sum(precision(order, relevant, place) for place in hits) / len(relevant)


def reciprocal_rank(order: Order, relevant: set[int], k: int) -> float:
    return next((1 / (place + 1) for place, item in enumerate(order[:k]) if item in relevant), 0.0)


def biased_precision(order: Order, relevant: set[int], k: int) -> float:
    return sum(0.2 * 0.8**place for place, item in enumerate(order[:k]) if item in relevant)


SLOW = {
    "rbp": biased_precision,
    "recall": recall,
    "precision": precision,
    "hit_rate": hit_rate,
    "ndcg": ndcg,
    "map": average_precision,
    "mrr": reciprocal_rank,
}


def orders(scores: Sequence[float], seen: set[int]) -> list[Order]:
    """Every order of the candidates in which no score rises."""
    ties = [
        [item for item, other in enumerate(scores) if other == score and item not in seen]
        for score in sorted(set(scores), reverse=True)
    ]
    shuffles = [list(itertools.permutations(tie)) for tie in ties]
    return [list(itertools.chain(*chosen)) for chosen in itertools.product(*shuffles)]


def lists(rows: Sequence[set[int]]) -> Csr:
    pairs = [(row, item) for row, items in enumerate(rows) for item in items]
    row, item = torch.tensor(pairs, dtype=torch.int64).view(-1, 2).T
    return csr.from_pairs(row, item, len(rows))


FACTS = Facts(Counts(torch.zeros(0), torch.zeros(0), 0, 0), Graph(lists([]), lists([])))


def measured(metrics: RankingMetrics, ranking: Ranking) -> Measurement:
    return metrics.conclude(metrics.observe(ranking, FACTS), FACTS)


def ranked(
    scores: Sequence[Sequence[float]], relevant: Sequence[set[int]], seen: Sequence[set[int]], k: int
) -> Ranking:
    users = torch.arange(len(scores)) + 100
    return rank(torch.tensor(scores), users, lists(relevant), lists(seen), k)


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[float], set[int], set[int], int]:
    items = draw(st.integers(1, 6))
    scores = draw(st.lists(st.sampled_from([0.0, 1.0, 2.0]), min_size=items, max_size=items))
    relevant = draw(st.sets(st.integers(0, items - 1), min_size=1))
    seen = draw(st.sets(st.integers(0, items - 1))) - relevant
    return scores, relevant, seen, draw(st.integers(1, items + 2))


@given(problems())
@settings(max_examples=200, deadline=None)
def test_each_metric_is_its_mean_over_all_orders_of_equal_scores(
    problem: tuple[list[float], set[int], set[int], int],
) -> None:
    scores, relevant, seen, k = problem
    values = measured(RankingMetrics(ks=[k]), ranked([scores], [relevant], [seen], k)).values
    everything = orders(scores, seen)
    for name, slow in SLOW.items():
        expected = sum(slow(order, relevant, k) for order in everything) / len(everything)
        assert values[f"{name}@{k}"] == pytest.approx(expected, abs=1e-12), name


@given(problems())
@settings(max_examples=50, deadline=None)
def test_several_depths_are_each_as_if_alone(problem: tuple[list[float], set[int], set[int], int]) -> None:
    scores, relevant, seen, k = problem
    together = measured(RankingMetrics(ks=[1, k, k + 3]), ranked([scores], [relevant], [seen], k + 3)).values
    alone = measured(RankingMetrics(ks=[k]), ranked([scores], [relevant], [seen], k)).values
    assert {name: together[name] for name in alone} == pytest.approx(alone)


@pytest.mark.parametrize("levels", [3, 1000], ids=["with ties", "without ties"])
def test_ndcg_agrees_with_scikit_learn(levels: int) -> None:
    generator = torch.Generator().manual_seed(0)
    scores = torch.randint(0, levels, (40, 12), generator=generator).float()
    truth = (torch.rand(40, 12, generator=generator) < 0.3).long()
    truth[:, 5] = 1
    relevant = [set(row.nonzero().squeeze(1).tolist()) for row in truth]
    values = measured(RankingMetrics(ks=[5, 10]), ranked(scores.tolist(), relevant, [set()] * 40, 10))
    for k in (5, 10):
        assert values.values[f"ndcg@{k}"] == pytest.approx(ndcg_score(truth, scores, k=k))


def test_values_are_means_over_users_whose_own_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    scores, relevant = [[3.0, 2.0, 1.0]] * 5, [{0}, {1}, {2}, {0, 1}, {0, 1, 2}]
    ranking = ranked(scores, relevant, [set()] * 5, 2)
    whole = measured(RankingMetrics(ks=[1, 2]), ranking)
    assert whole.user is not None
    assert whole.user.tolist() == [100, 101, 102, 103, 104]
    assert whole.per_user["recall@1"].tolist() == pytest.approx([1, 0, 0, 1 / 2, 1 / 3])
    assert whole.per_user["mrr@2"].tolist() == pytest.approx([1, 1 / 2, 0, 1, 1])
    assert whole.values["recall@1"] == pytest.approx((1 + 1 / 2 + 1 / 3) / 5)
    monkeypatch.setattr(module, "BLOCK", 2)
    in_blocks = measured(RankingMetrics(ks=[1, 2]), ranking)
    assert in_blocks.values == pytest.approx(whole.values)
    for name, values in whole.per_user.items():
        assert torch.equal(in_blocks.per_user[name], values)


def test_map_is_normalised_by_all_relevant_items() -> None:
    # Hits at 1 and 3 of 4 relevant items: (1/1 + 2/3) / 4, as in the table of reference R1.
    scores = [[6.0, 5.0, 4.0, 3.0, 2.0, 1.0]]
    values = measured(RankingMetrics(ks=[3]), ranked(scores, [{0, 2, 4, 5}], [set()], 3))
    assert values.values["map@3"] == pytest.approx(5 / 12)


def test_precision_divides_by_k_also_where_there_are_fewer_items() -> None:
    values = measured(RankingMetrics(ks=[10]), ranked([[2.0, 1.0]], [{0, 1}], [set()], 10))
    assert values.values["precision@10"] == pytest.approx(0.2)
    assert values.values["recall@10"] == values.values["ndcg@10"] == pytest.approx(1)


def test_names_are_by_metric_and_depth_and_the_deepest_is_asked_for() -> None:
    metrics = RankingMetrics(ks=[20, 5])
    assert metrics.names[:4] == ["recall@5", "recall@20", "precision@5", "precision@20"]
    assert len(metrics.names) == 14
    assert metrics.depth == 20
    assert all(metrics.higher_is_better(name) for name in metrics.names)
    assert list(measured(metrics, ranked([[1.0, 2.0]], [{0}], [set()], 20)).values) == metrics.names


@given(
    problems(), st.lists(st.integers(1, 4), min_size=6, max_size=6), st.sampled_from(["linear", "exponential"])
)
@settings(max_examples=100, deadline=None)
def test_graded_ndcg_is_its_mean_over_all_orders_of_equal_scores(
    problem: tuple[list[float], set[int], set[int], int], grades: list[int], gain: str
) -> None:
    scores, relevant, seen, k = problem
    gains = {item: grades[item] if gain == "linear" else 2 ** grades[item] - 1 for item in relevant}
    wanted = lists([relevant])
    grade = torch.tensor([float(grades[item]) for item in wanted.idx.tolist()])
    ranking = rank(torch.tensor([scores]), torch.tensor([7]), wanted, lists([seen]), k, grade)
    value = measured(RankingMetrics(ks=[k], gain=gain), ranking).values[f"ndcg@{k}"]  # type: ignore[arg-type]
    best = sorted(gains.values(), reverse=True)[:k]
    ideal = sum(gained / math.log2(place + 2) for place, gained in enumerate(best))
    everything = orders(scores, seen)
    slow = [sum(gains.get(i, 0) / math.log2(p + 2) for p, i in enumerate(order[:k])) for order in everything]
    assert value == pytest.approx(sum(slow) / len(slow) / ideal, abs=1e-9)


def test_an_amount_is_no_grade() -> None:
    wanted = lists([{0}])
    ranking = rank(torch.tensor([[1.0]]), torch.tensor([7]), wanted, lists([set()]), 1, torch.tensor([320.0]))
    with pytest.raises(UserError, match="a label of 320 is no grade"):
        measured(RankingMetrics(ks=[1]), ranking)
    assert measured(RankingMetrics(ks=[1], gain="linear"), ranking).values["ndcg@1"] == pytest.approx(1)


def test_no_depth_is_refused() -> None:
    with pytest.raises(UserError, match=r"metrics\.ranking\.ks"):
        RankingMetrics(ks=[])
