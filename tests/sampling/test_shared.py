"""Independent source: the rules written out pair by pair, and a chi-square test of what is drawn."""

import math
from collections import Counter
from collections.abc import Callable

import pytest
import torch
from scipy.stats import chisquare

from recsys.loss.sampled_softmax import SampledSoftmax
from recsys.sampling import Sampler
from recsys.sampling.shared import Shared
from recsys.types import TrainRows

MakeRows = Callable[..., TrainRows]
MakeSampler = Callable[..., Sampler]

PAIRS = [(0, 1), (0, 2), (1, 1), (2, 1), (2, 3), (2, 3), (3, 4), (3, 1)]
USERS, ITEMS, DRAWN = 4, 7, 30


def test_what_counts_for_a_row_is_its_own_item_and_the_drawn_that_its_user_has_not_taken_up(
    make_rows: MakeRows, make_sampler: MakeSampler, generator: torch.Generator
) -> None:
    train = make_rows(PAIRS)
    slate = make_sampler(Shared, train, USERS, ITEMS, negatives=DRAWN)(train, generator)
    assert slate.items[: len(PAIRS)].tolist() == [item for _, item in PAIRS]
    for row, (user, _) in enumerate(PAIRS):
        for column, item in enumerate(slate.items.tolist()):
            drawn = column >= len(PAIRS)
            assert bool(slate.mask[row, column]) == (column == row or (drawn and (user, item) not in PAIRS))
    assert torch.equal(slate.labels, torch.eye(len(PAIRS), len(PAIRS) + DRAWN))


def test_items_that_count_come_as_often_as_log_q_says(
    make_rows: MakeRows, make_sampler: MakeSampler, generator: torch.Generator
) -> None:
    train = make_rows(PAIRS)
    sampler = make_sampler(Shared, train, USERS, ITEMS, negatives=DRAWN)
    found: dict[int, Counter[int]] = {user: Counter() for user in range(USERS)}
    for _ in range(300):
        slate = sampler(train, generator)
        assert slate.log_q is not None
        for row in (0, 2, 3, 6):  # One of each user: what a batch draws is the same for all rows.
            user = PAIRS[row][0]
            free = ITEMS - len({item for own, item in PAIRS if own == user})
            for column in slate.mask[row].nonzero()[:, 0].tolist():
                assert float(slate.log_q[row, column]) == pytest.approx(-math.log(free), abs=1e-6)
                if column >= len(PAIRS):
                    found[user][int(slate.items[column])] += 1
    for user, counts in found.items():
        free = set(range(ITEMS)) - {item for own, item in PAIRS if own == user}
        assert set(counts) == free
        assert chisquare([counts[item] for item in free]).pvalue > 1e-3


def test_a_user_who_has_taken_up_everything_adds_nothing_to_a_softmax(
    make_rows: MakeRows, make_sampler: MakeSampler, generator: torch.Generator
) -> None:
    train = make_rows([(0, item) for item in range(3)])
    slate = make_sampler(Shared, train, 1, 3, negatives=5)(train, generator)
    assert float(SampledSoftmax()(torch.randn(slate.mask.shape), slate)) == 0
