"""Independent source: every order of the tied candidates, written out."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from recsys.ops import csr
from recsys.ops.hashing import mix
from recsys.ops.topk import rank
from recsys.types import Csr, UserError


def lists(rows: list[set[int]]) -> Csr:
    pairs = [(r, i) for r, row in enumerate(rows) for i in row]
    row, idx = zip(*pairs, strict=True) if pairs else ((), ())
    return csr.from_pairs(torch.tensor(row, dtype=torch.int64), torch.tensor(idx, dtype=torch.int64), len(rows))


def slow_ties(scores: list[float], relevant: set[int], seen: set[int], k: int) -> list[tuple[int, int, int]]:
    """Size, relevant members and offset of the tie at each position."""
    candidates = sorted((i for i in range(len(scores)) if i not in seen), key=lambda i: -scores[i])
    rows = []
    for position, item in enumerate(candidates[:k]):
        tie = [i for i in candidates if scores[i] == scores[item]]
        before = sum(scores[i] > scores[item] for i in candidates)
        rows.append((len(tie), len(relevant & set(tie)), position - before))
    return rows + [(0, 0, 0)] * (min(k, len(scores)) - len(rows))


problem = st.integers(2, 9).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 3).map(float), min_size=n, max_size=n),
        st.sets(st.integers(0, n - 1)),
        st.sets(st.integers(0, n - 1)),
        st.integers(1, n + 2),
    )
)


@given(st.lists(problem, min_size=1, max_size=3))
@settings(max_examples=200, deadline=None)
def test_ties_are_counted_as_by_hand(problems: list[tuple[list[float], set[int], set[int], int]]) -> None:
    for scores, relevant, seen, k in problems:
        wanted = relevant - seen
        ranking = rank(torch.tensor([scores]), torch.tensor([7]), lists([wanted]), lists([seen]), k)
        expected = slow_ties(scores, wanted, seen, k)
        shown = zip(ranking.tie_size[0], ranking.tie_relevant[0], ranking.tie_offset[0], strict=True)
        for (size, hits, offset), slow in zip(shown, expected, strict=True):
            assert (int(size), int(hits)) == slow[:2]
            assert int(offset) == slow[2] or slow[0] == 0
        assert ranking.relevant.tolist() == [len(wanted)]


def test_items_come_best_first_and_seen_ones_not_at_all() -> None:
    scores = torch.tensor([[1.0, 5.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0]])
    ranking = rank(scores, torch.arange(2), lists([{2}, {3}]), lists([{1}, set()]), 3)
    assert ranking.items.tolist() == [[3, 2, 0], [0, 1, 2]]
    assert ranking.tie_relevant.tolist() == [[0, 1, 0], [0, 0, 0]]


def test_rows_do_not_disturb_each_other() -> None:
    generator = torch.Generator().manual_seed(0)
    scores = torch.randint(0, 4, (20, 12), generator=generator).float()
    relevant = [{(r * 5) % 12, (r * 7 + 1) % 12} for r in range(20)]
    together = rank(scores.clone(), torch.arange(20), lists(relevant), lists([set()] * 20), 5)
    for r in range(20):
        alone = rank(scores[r : r + 1].clone(), torch.tensor([r]), lists([relevant[r]]), lists([set()]), 5)
        assert torch.equal(together.tie_relevant[r], alone.tie_relevant[0])
        assert torch.equal(together.tie_size[r], alone.tie_size[0])


def test_scores_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(UserError, match="not a number"):
        rank(torch.tensor([[1.0, torch.nan]]), torch.tensor([0]), lists([{0}]), lists([set()]), 1)


def expected_hits(scores: list[float], relevant: set[int], k: int) -> Tensor:
    orders = [o for o in itertools.permutations(range(len(scores))) if _descends(scores, o)]
    hits = [[float(i in relevant) for i in order[:k]] for order in orders]
    return torch.tensor(hits).mean(0)


def _descends(scores: list[float], order: tuple[int, ...]) -> bool:
    return all(scores[a] >= scores[b] for a, b in itertools.pairwise(order))


@given(st.lists(st.integers(0, 2).map(float), min_size=2, max_size=6), st.sets(st.integers(0, 5), min_size=1))
@settings(max_examples=60, deadline=None)
def test_expected_hits_are_the_mean_over_all_orders(scores: list[float], relevant: set[int]) -> None:
    relevant = {i for i in relevant if i < len(scores)}
    k = max(1, len(scores) - 1)
    ranking = rank(torch.tensor([scores]), torch.tensor([0]), lists([relevant]), lists([set()]), k)
    share = ranking.tie_relevant[0] / ranking.tie_size[0]
    assert torch.allclose(share, expected_hits(scores, relevant, k), atol=1e-6)


def test_of_equal_scores_those_of_the_least_hash_are_listed_whatever_the_order_of_the_columns() -> None:
    users, items = torch.arange(30) + 3, torch.arange(40)
    key = mix(users[:, None], items)
    expected = key.argsort(1)[:, :5]
    constant = rank(torch.zeros(30, 40), users, lists([set()] * 30), lists([set()] * 30), 5)
    assert torch.equal(constant.items, expected)
    # A tie of three among 40 for the last two places, after two that are better.
    scores = torch.zeros(30, 40)
    scores[:, [7, 8, 9]], scores[:, 20], scores[:, 30] = 1.0, 2.0, 3.0
    few = rank(scores, users, lists([set()] * 30), lists([set()] * 30), 4)
    assert (few.items[:, :2] == torch.tensor([30, 20])).all()
    assert torch.equal(few.items[:, 2:], 7 + key[:, [7, 8, 9]].argsort(1)[:, :2])
    assert (few.tie_size[:, 2:] == 3).all()


def test_a_constant_scorer_shows_every_item_as_often() -> None:
    shown = rank(
        torch.zeros(2000, 20), torch.arange(2000), lists([set()] * 2000), lists([set()] * 2000), 5
    ).items
    counts = torch.bincount(shown.reshape(-1), minlength=20)
    # 2,000 lists of 5 among 20: 500 each, standard deviation 19.4.
    assert (counts - 500).abs().max() < 5 * 19.4
