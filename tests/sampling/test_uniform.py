"""Independent source: equal shares of the items that the user has not taken up, and a chi-square test."""

from collections import Counter
from collections.abc import Callable

import pytest
import torch
from scipy.stats import chisquare

from recsys.sampling import Sampler
from recsys.sampling.uniform import Uniform
from recsys.types import Slate, TrainRows

MakeRows = Callable[..., TrainRows]
MakeSampler = Callable[..., Sampler]

PAIRS = [(0, 1), (0, 2), (0, 2), (1, 1), (2, 0), (2, 1), (2, 2), (2, 3), (2, 5)]
FREE = {0: [0, 3, 4, 5], 1: [0, 2, 3, 4, 5], 2: [4]}
ITEMS = 6


def draw(
    make_rows: MakeRows, make_sampler: MakeSampler, user: int, item: int, generator: torch.Generator
) -> Slate:
    sampler = make_sampler(Uniform, make_rows(PAIRS), 3, ITEMS, negatives=10)
    return sampler(make_rows([(user, item)] * 1000), generator)


@pytest.mark.parametrize(("user", "item"), [(0, 1), (1, 1), (2, 5)])
def test_items_come_as_often_as_log_q_says(
    make_rows: MakeRows, make_sampler: MakeSampler, generator: torch.Generator, user: int, item: int
) -> None:
    slate = draw(make_rows, make_sampler, user, item, generator)
    counted = slate.mask & (slate.labels == 0)
    assert slate.log_q is not None
    assert torch.allclose(slate.log_q[counted].exp(), torch.tensor(1 / len(FREE[user])))
    found = Counter(slate.items[counted].tolist())
    assert sorted(found) == FREE[user]
    if len(found) > 1:
        assert chisquare(list(found.values())).pvalue > 1e-3


def test_positives_stand_first_and_negatives_beside_them(
    make_rows: MakeRows, make_sampler: MakeSampler, generator: torch.Generator
) -> None:
    slate = draw(make_rows, make_sampler, 0, 2, generator)
    assert slate.items.shape == (1000, 11)
    assert slate.items[:, 0].tolist() == [2] * 1000
    assert slate.labels[0].tolist() == [1.0] + [0.0] * 10


def test_someone_who_has_taken_everything_has_no_negatives(
    make_rows: MakeRows, make_sampler: MakeSampler, generator: torch.Generator
) -> None:
    train = make_rows([(0, item) for item in range(ITEMS)])
    slate = make_sampler(Uniform, train, 1, ITEMS)(train, generator)
    assert slate.mask.sum(1).tolist() == [1] * ITEMS
    assert slate.log_q is not None
    assert bool(slate.log_q.isfinite().all())


def test_someone_with_one_item_left_meets_only_that(
    make_rows: MakeRows, make_sampler: MakeSampler, generator: torch.Generator
) -> None:
    train = make_rows([(0, item) for item in range(400)])
    slate = make_sampler(Uniform, train, 1, 401, negatives=20)(train, generator)
    counted = slate.mask & (slate.labels == 0)
    assert bool(counted.any())
    assert set(slate.items[counted].tolist()) == {400}
    assert bool((slate.log_q == 0).all())
