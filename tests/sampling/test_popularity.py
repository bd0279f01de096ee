"""Independent source: count^power over the items that are no positive of the user, and a chi-square test."""

from collections import Counter
from collections.abc import Callable

import pytest
import torch
from scipy.stats import chisquare

from recsys.sampling import Sampler
from recsys.sampling.popularity import Popularity
from recsys.types import TrainRows

MakeRows = Callable[..., TrainRows]
MakeSampler = Callable[..., Sampler]

# Items 0 and 5 have no training row; item 1 has five rows, of them two by user 0.
PAIRS = [(0, 1), (0, 1), (1, 1), (2, 1), (3, 1), (1, 2), (2, 2), (2, 3), (3, 4), (3, 4), (3, 2)]
COUNTS = {1: 5, 2: 3, 3: 1, 4: 2}
USERS, ITEMS = 4, 6


def shares(user: int, power: float) -> dict[int, float]:
    own = {item for other, item in PAIRS if other == user}
    mass = {item: count**power for item, count in COUNTS.items() if item not in own}
    return {item: value / sum(mass.values()) for item, value in mass.items()}


@pytest.mark.parametrize("power", [0.0, 0.75, 1.0, 2.0])
@pytest.mark.parametrize(("user", "item"), [(0, 1), (1, 2), (2, 3)])
def test_items_come_as_often_as_log_q_says(
    make_rows: MakeRows,
    make_sampler: MakeSampler,
    generator: torch.Generator,
    user: int,
    item: int,
    power: float,
) -> None:
    sampler = make_sampler(Popularity, make_rows(PAIRS), USERS, ITEMS, negatives=10, power=power)
    slate = sampler(make_rows([(user, item)] * 1000), generator)
    counted = slate.mask & (slate.labels == 0)
    assert slate.log_q is not None
    expected = shares(user, power)
    stated = dict(zip(slate.items[counted].tolist(), slate.log_q[counted].exp().tolist(), strict=True))
    assert stated == pytest.approx(expected, rel=1e-5)
    found = Counter(slate.items[counted].tolist())
    assert found.keys() == expected.keys()
    wanted = [share * found.total() for share in expected.values()]
    if len(wanted) > 1:
        assert chisquare([found[i] for i in expected], wanted).pvalue > 1e-3


def test_an_item_without_a_training_row_is_never_drawn(
    make_rows: MakeRows, make_sampler: MakeSampler, generator: torch.Generator
) -> None:
    sampler = make_sampler(Popularity, make_rows(PAIRS), USERS, ITEMS, negatives=100, power=0.0)
    slate = sampler(make_rows([(0, 1)] * 100), generator)
    assert not {0, 5} & set(slate.items.flatten().tolist())


def test_someone_who_has_taken_all_that_was_ever_taken_has_no_negatives(
    make_rows: MakeRows, make_sampler: MakeSampler, generator: torch.Generator
) -> None:
    train = make_rows([(0, 0), (0, 1), (0, 2), (1, 2)])
    slate = make_sampler(Popularity, train, 2, 5)(make_rows([(0, 1), (1, 2)]), generator)
    assert slate.mask.sum(1).tolist() == [1, 5]
    assert slate.log_q is not None
    assert bool(slate.log_q.isfinite().all())
