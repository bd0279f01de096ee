"""Independent source: a double loop over users and items, and counting."""

import math
from collections import Counter
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from recsys.ops import rows
from recsys.sampling import Sampler
from recsys.sampling.in_batch import InBatch
from recsys.types import TrainRows

MakeRows = Callable[..., TrainRows]
MakeSampler = Callable[..., Sampler]

USERS, ITEMS = 6, 8
pairs = st.lists(
    st.tuples(st.integers(0, USERS - 1), st.integers(0, ITEMS - 1)), min_size=1, max_size=30
).flatmap(lambda train: st.tuples(st.just(train), st.lists(st.sampled_from(train), min_size=1, max_size=12)))


def slow_mask(
    train: list[tuple[int, int]], batch: list[tuple[int, int]], *, exclude_positives: bool
) -> list[list[bool]]:
    mask = []
    for row, (user, own) in enumerate(batch):
        rivals = []
        for column, (_, item) in enumerate(batch):
            taken = item == own or (exclude_positives and (user, item) in train)
            rivals.append(row == column or not taken)
        mask.append(rivals)
    return mask


@pytest.mark.parametrize("exclude_positives", [True, False])
@given(drawn=pairs)
@settings(max_examples=100, deadline=None)
def test_the_mask_is_that_of_a_double_loop(
    make_rows: MakeRows,
    make_sampler: MakeSampler,
    *,
    exclude_positives: bool,
    drawn: tuple[list[tuple[int, int]], list[tuple[int, int]]],
) -> None:
    train, batch = drawn
    sampler = make_sampler(InBatch, make_rows(train), USERS, ITEMS, exclude_positives=exclude_positives)
    slate = sampler(make_rows(batch), torch.Generator())
    assert slate.mask.tolist() == slow_mask(train, batch, exclude_positives=exclude_positives)
    assert torch.equal(slate.labels, torch.eye(len(batch)))
    assert slate.items.tolist() == [item for _, item in batch]


def test_log_q_is_the_chance_that_a_row_brings_the_item(make_rows: MakeRows, make_sampler: MakeSampler) -> None:
    train = [(0, 1), (0, 2), (1, 1), (2, 1), (2, 3), (2, 3)]
    slate = make_sampler(InBatch, make_rows(train), 3, 4)(make_rows(train), torch.Generator())
    counts = Counter(item for _, item in train)
    expected = [math.log(counts[item] / len(train)) for _, item in train]
    assert slate.log_q is not None
    assert slate.log_q.tolist() == pytest.approx(expected)


def test_it_is_refused_for_models_without_towers() -> None:
    assert "model.towers" in [need.what for need in InBatch.needs]


def test_candidates_come_as_often_as_log_q_says(
    make_rows: MakeRows, make_sampler: MakeSampler, generator: torch.Generator
) -> None:
    train = make_rows([(0, 1), (0, 2), (1, 1), (2, 1), (2, 3), (2, 3), (1, 0)])
    sampler = make_sampler(InBatch, train, 3, 4)
    at = torch.randint(len(train.user), (1000,), generator=generator)
    slate = sampler(rows.select(train, at), generator)
    assert slate.log_q is not None
    stated = dict(zip(slate.items.tolist(), slate.log_q.exp().tolist(), strict=True))
    found = Counter(slate.items.tolist())
    assert sum(stated.values()) == pytest.approx(1, abs=1e-5)
    assert (
        chisquare([found[i] for i in stated], [1000 * q for q in stated.values()], sum_check=False).pvalue
        > 1e-3
    )
