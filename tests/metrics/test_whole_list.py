"""Independent source: every pair of a relevant and another candidate, and every order of equal scores."""

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from recsys.metrics.whole_list import WholeList
from recsys.ops import csr
from recsys.ops.placing import place
from recsys.types import Counts, Csr, Facts, Graph, Placement

NONE = Csr(torch.zeros(1, dtype=torch.int64), torch.zeros(0, dtype=torch.int64))
FACTS = Facts(Counts(torch.zeros(0), torch.zeros(0), 0, 0), Graph(NONE, NONE))


def placed(scores: list[list[float]], relevant: list[set[int]]) -> Placement:
    pairs = torch.tensor([(r, i) for r, row in enumerate(relevant) for i in row]).view(-1, 2).long()
    wanted = csr.from_pairs(pairs[:, 0], pairs[:, 1], len(scores))
    counts = torch.tensor([len(row) for row in scores])
    return place(torch.tensor(scores), torch.arange(len(scores)) + 10, wanted, counts)


@given(
    st.lists(st.sampled_from([0.0, 1.0, 2.0]), min_size=2, max_size=6),
    st.sets(st.integers(0, 5), min_size=1, max_size=4),
)
@settings(max_examples=200, deadline=None)
def test_both_are_means_over_pairs_and_orders(scores: list[float], chosen: set[int]) -> None:
    relevant = {item % len(scores) for item in chosen}
    observed = WholeList().observe(placed([scores], [relevant]), FACTS)
    others = set(range(len(scores))) - relevant
    pairs = [(scores[i] > scores[j]) + 0.5 * (scores[i] == scores[j]) for i in relevant for j in others]
    auc = observed.per_user["auc"].item()
    assert math.isnan(auc) if not others else auc == pytest.approx(sum(pairs) / len(pairs))
    shuffles = [o for o in itertools.permutations(range(len(scores))) if _falling([scores[i] for i in o])]
    found = [len(relevant & set(order[: len(relevant)])) / len(relevant) for order in shuffles]
    assert observed.per_user["r_precision"].item() == pytest.approx(sum(found) / len(found))


def _falling(values: list[float]) -> bool:
    return all(a >= b for a, b in itertools.pairwise(values))


def test_auc_is_that_of_scikit_learn_for_each_user() -> None:
    generator = torch.Generator().manual_seed(0)
    scores = torch.randint(0, 5, (10, 12), generator=generator).double()
    truth = torch.rand(10, 12, generator=generator) < 0.4
    truth[:, 0], truth[:, 1] = True, False
    relevant = [set(row.nonzero().squeeze(1).tolist()) for row in truth]
    observed = WholeList().observe(placed(scores.tolist(), relevant), FACTS)
    expected = [roc_auc_score(truth[q].numpy(), scores[q].numpy()) for q in range(10)]
    assert observed.per_user["auc"].tolist() == pytest.approx(expected)


def test_users_without_a_relevant_item_are_left_out_and_those_without_another_have_no_auc() -> None:
    observed = WholeList().observe(placed([[1.0, 2.0], [1.0, 2.0], [2.0, 1.0]], [{0, 1}, set(), {0}]), FACTS)
    assert observed.user.tolist() == [10, 12]
    assert observed.per_user["auc"].isnan().tolist() == [True, False]
    assert WholeList().conclude(observed, FACTS).values == {"auc": 1.0, "r_precision": 1.0}
