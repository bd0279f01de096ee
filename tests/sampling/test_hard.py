"""Independent source: sorting all items by score in numpy, the mixture written out, and a chi-square test."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from recsys.sampling.hard import Hard
from recsys.types import TrainRows

MakeRows = Callable[..., TrainRows]
MakeSampler = Callable[..., Any]

USERS, ITEMS = 4, 12
PAIRS = [(0, 1), (0, 2), (0, 7), (1, 1), (2, 3), (2, 9), *[(3, item) for item in range(ITEMS - 2)]]


def pool(sampler: Any, user: int, skip: int, size: int) -> list[int]:
    scores = (sampler.scorer.of_users @ sampler.scorer.of_items.T)[user].numpy()
    ranked = [int(i) for i in np.argsort(-scores) if (user, int(i)) not in PAIRS]
    return ranked[skip : skip + size]


def shares(pooled: list[int], user: int, uniform: float) -> dict[int, float]:
    free = [item for item in range(ITEMS) if (user, item) not in PAIRS]
    if not pooled:
        uniform = 1.0
    return {i: uniform / len(free) + (i in pooled) * (1 - uniform) / max(len(pooled), 1) for i in free}


@pytest.mark.parametrize("uniform", [0.0, 0.3, 1.0])
@pytest.mark.parametrize(
    ("user", "skip", "size"), [(0, 0, 3), (0, 2, 4), (1, 5, 50), (2, 0, 1), (3, 1, 4), (3, 5, 4)]
)
def test_items_come_as_often_as_log_q_says(
    make_rows: MakeRows,
    make_sampler: MakeSampler,
    generator: torch.Generator,
    user: int,
    skip: int,
    size: int,
    uniform: float,
) -> None:
    options = {"negatives": 8, "pool": size, "skip": skip, "uniform": uniform}
    sampler = make_sampler(Hard, make_rows(PAIRS), USERS, ITEMS, **options)
    slate = sampler(make_rows([(user, 1)] * 1000), generator)
    counted = slate.mask & (slate.labels == 0)
    wanted = {i: q for i, q in shares(pool(sampler, user, skip, size), user, uniform).items() if q > 0}
    found = Counter(slate.items[counted].tolist())
    assert found.keys() == wanted.keys()
    assert slate.log_q is not None
    stated = dict(zip(slate.items[counted].tolist(), slate.log_q[counted].exp().tolist(), strict=True))
    assert stated == pytest.approx(wanted, rel=1e-4)
    if len(wanted) > 1:
        assert chisquare([found[i] for i in wanted], [q * found.total() for q in wanted.values()]).pvalue > 1e-3


def test_a_skip_beyond_the_catalogue_leaves_uniform_draws(
    make_rows: MakeRows, make_sampler: MakeSampler, generator: torch.Generator
) -> None:
    sampler = make_sampler(Hard, make_rows(PAIRS), USERS, ITEMS, skip=100, uniform=0.0, negatives=300)
    slate = sampler(make_rows([(0, 1)]), generator)
    assert set(slate.items[0, 1:].tolist()) == {0, 3, 4, 5, 6, 8, 9, 10, 11}


def test_someone_who_has_taken_everything_has_no_negatives(
    make_rows: MakeRows, make_sampler: MakeSampler, generator: torch.Generator
) -> None:
    train = make_rows([(0, item) for item in range(ITEMS)])
    slate = make_sampler(Hard, train, 1, ITEMS, skip=0)(train, generator)
    assert slate.mask.sum(1).tolist() == [1] * ITEMS


def test_the_catalogue_is_looked_at_every_few_steps_and_as_an_epoch_begins(
    make_rows: MakeRows, make_sampler: MakeSampler, generator: torch.Generator
) -> None:
    sampler = make_sampler(Hard, make_rows(PAIRS), USERS, ITEMS, every=3)
    looks = []
    vectors = sampler.scorer.of_items

    def items() -> torch.Tensor:
        looks.append(step)
        return vectors

    sampler.scorer.items = items
    for step in (0, 1, 2, 3, 4, 0, 1):
        sampler.scorer.step = step
        sampler(make_rows(PAIRS), generator)
    assert looks == [0, 3, 0]


def test_it_is_refused_for_models_without_towers() -> None:
    assert "model.towers" in [need.what for need in Hard.needs]
