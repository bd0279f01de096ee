"""Independent source: a list of all items so far, and counting; a resumed sampler against one left alone."""

import math
from collections import Counter
from collections.abc import Callable

import pytest
import torch
from scipy.stats import chisquare

from recsys.ops import rows
from recsys.sampling import Sampler
from recsys.sampling.cross_batch import CrossBatch
from recsys.types import TrainRows

MakeRows = Callable[..., TrainRows]
MakeSampler = Callable[..., Sampler]

PAIRS = [(0, 1), (0, 2), (1, 1), (2, 1), (2, 3), (2, 3), (3, 4), (3, 1)]
USERS, ITEMS = 4, 7


def batches(train: TrainRows, size: int, n: int) -> list[TrainRows]:
    generator = torch.Generator().manual_seed(2)
    return [rows.select(train, torch.randint(len(PAIRS), (size,), generator=generator)) for _ in range(n)]


@pytest.mark.parametrize(("size", "queue"), [(3, 7), (3, 6), (4, 2), (1, 5)])
def test_the_queue_holds_the_latest_items_of_earlier_batches(
    make_rows: MakeRows, make_sampler: MakeSampler, size: int, queue: int
) -> None:
    train, before = make_rows(PAIRS), []
    sampler = make_sampler(CrossBatch, train, USERS, ITEMS, queue=queue)
    for batch in batches(train, size, 8):
        slate = sampler(batch, torch.Generator())
        assert slate.items.tolist() == [*batch.item.tolist(), *before[:queue]]
        before = [*batch.item.tolist(), *before]


def test_the_mask_is_that_of_a_double_loop(make_rows: MakeRows, make_sampler: MakeSampler) -> None:
    train = make_rows(PAIRS)
    sampler = make_sampler(CrossBatch, train, USERS, ITEMS, queue=5)
    for batch in batches(train, 4, 5):
        slate = sampler(batch, torch.Generator())
        for row, user in enumerate(batch.user.tolist()):
            for column, item in enumerate(slate.items.tolist()):
                assert bool(slate.mask[row, column]) == (row == column or (user, item) not in PAIRS)


def test_candidates_come_as_often_as_log_q_says(make_rows: MakeRows, make_sampler: MakeSampler) -> None:
    train = make_rows(PAIRS)
    sampler = make_sampler(CrossBatch, train, USERS, ITEMS, queue=4)
    counts = Counter(item for _, item in PAIRS)
    found: Counter[int] = Counter()
    for batch in batches(train, 2, 4000):
        slate = sampler(batch, torch.Generator())
        assert slate.log_q is not None
        expected = [math.log(counts[item] / len(PAIRS)) for item in slate.items.tolist()]
        assert slate.log_q.tolist() == pytest.approx(expected)
        found[int(slate.items[-1])] += 1
    wanted = [4000 * counts[item] / len(PAIRS) for item in counts]
    # The last of the queue is each batch's second row, seen once in every batch: independent draws.
    assert chisquare([found[item] for item in counts], wanted).pvalue > 1e-3


def test_a_queue_that_was_saved_goes_on_as_if_nothing_had_been(
    make_rows: MakeRows, make_sampler: MakeSampler
) -> None:
    train = make_rows(PAIRS)
    alone = make_sampler(CrossBatch, train, USERS, ITEMS, queue=7)
    drawn = batches(train, 3, 6)
    for batch in drawn[:2]:
        alone(batch, torch.Generator())
    resumed = make_sampler(CrossBatch, train, USERS, ITEMS, queue=7)
    resumed.load_state_dict(alone.state_dict())
    for batch in drawn[2:]:
        assert torch.equal(alone(batch, torch.Generator()).items, resumed(batch, torch.Generator()).items)
