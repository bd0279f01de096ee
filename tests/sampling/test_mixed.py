"""Independent source: the mixture of Yang et al. 2020 written out, and a chi-square test of all candidates."""

import math
from collections import Counter
from collections.abc import Callable

import pytest
import torch
from scipy.stats import chisquare

from recsys.ops import rows
from recsys.sampling import Sampler
from recsys.sampling.mixed import Mixed
from recsys.types import TrainRows

MakeRows = Callable[..., TrainRows]
MakeSampler = Callable[..., Sampler]

PAIRS = [(0, 1), (0, 2), (1, 1), (2, 1), (2, 3), (2, 3), (3, 4), (3, 1)]
USERS, ITEMS = 4, 7


def mixture(item: int, batch: int, uniform: int) -> float:
    count = sum(own == item for _, own in PAIRS)
    share = batch / (batch + uniform)
    return share * count / len(PAIRS) + (1 - share) / ITEMS


@pytest.mark.parametrize(("batch", "uniform"), [(4, 4), (1, 6), (8, 2)])
def test_candidates_come_as_often_as_log_q_says(
    make_rows: MakeRows, make_sampler: MakeSampler, generator: torch.Generator, batch: int, uniform: int
) -> None:
    train = make_rows(PAIRS)
    sampler = make_sampler(Mixed, train, USERS, ITEMS, uniform=uniform)
    found: Counter[int] = Counter()
    for _ in range(3000):
        # With replacement, as batches of a large log are: each row is an independent draw.
        at = torch.randint(len(PAIRS), (batch,), generator=generator)
        slate = sampler(rows.select(train, at), generator)
        # One candidate a batch, so that draws are independent.
        pick = int(torch.randint(batch + uniform, (1,), generator=generator))
        found[int(slate.items[pick])] += 1
        assert slate.log_q is not None
        assert float(slate.log_q[pick]) == pytest.approx(
            math.log(mixture(int(slate.items[pick]), batch, uniform)), abs=1e-5
        )
    expected = [3000 * mixture(item, batch, uniform) for item in range(ITEMS)]
    assert chisquare([found[item] for item in range(ITEMS)], expected).pvalue > 1e-3


@pytest.mark.parametrize("exclude_positives", [True, False])
def test_the_mask_leaves_out_the_users_positives_or_only_the_rows_own(
    make_rows: MakeRows, make_sampler: MakeSampler, generator: torch.Generator, *, exclude_positives: bool
) -> None:
    train = make_rows(PAIRS)
    options = {"uniform": 30, "exclude_positives": exclude_positives}
    slate = make_sampler(Mixed, train, USERS, ITEMS, **options)(train, generator)
    for row, (user, own) in enumerate(PAIRS):
        for column, item in enumerate(slate.items.tolist()):
            taken = item == own or (exclude_positives and (user, item) in PAIRS)
            assert bool(slate.mask[row, column]) == (column == row or not taken)
    assert torch.equal(slate.labels, torch.eye(len(PAIRS), len(PAIRS) + 30))
