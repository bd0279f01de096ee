"""Lists and facts written by hand or drawn at random, and the check that blocks add up."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import pytest
import torch

from recsys.metrics import ListMetrics
from recsys.ops import csr
from recsys.types import Counts, Facts, Graph, Measurement, Observed, Ranking


@dataclass(frozen=True)
class World:
    """A small problem: what users took up, what they are shown (shorter than k at times), what is relevant."""

    n_users: int
    n_items: int
    k: int
    history: list[set[int]]
    user: list[int]
    shown: list[list[int]]
    relevant: list[set[int]]

    def audience(self, item: int) -> set[int]:
        return {user for user, items in enumerate(self.history) if item in items}

    def cosine(self, one: int, other: int) -> float:
        a, b = self.audience(one), self.audience(other)
        return len(a & b) / (len(a) * len(b)) ** 0.5 if a and b else 0.0


def _world(seed: int) -> World:
    draw = random.Random(seed)
    n_users, n_items, k = draw.randint(1, 7), draw.randint(1, 8), draw.randint(2, 5)
    chance = draw.random()
    history = [{item for item in range(n_items) if draw.random() < chance} for _ in range(n_users)]
    user = sorted(draw.sample(range(n_users), draw.randint(1, n_users)))
    shown = [
        draw.sample(range(n_items), draw.randint(0 if draw.random() < 0.2 else 1, n_items))[:k] for _ in user
    ]
    relevant = [set(draw.sample(range(n_items), draw.randint(1, n_items))) for _ in user]
    return World(n_users, n_items, k, history, user, shown, relevant)


def _ranking(user: Sequence[int], shown: Sequence[Sequence[int]], relevant: Sequence[set[int]]) -> Ranking:
    """Without ties; short lists are filled with item 0 at positions beyond the candidates."""
    width = max(1, *map(len, shown))
    items = torch.tensor([[*row, *[0] * (width - len(row))] for row in shown])
    there = torch.tensor([[place < len(row) for place in range(width)] for row in shown])
    # The filling claims to be a hit, so that a family that reads it is found out.
    hit = torch.tensor(
        [
            [place >= len(row) or row[place] in good for place in range(width)]
            for row, good in zip(shown, relevant, strict=True)
        ]
    )
    return Ranking(
        user=torch.tensor(user),
        items=items,
        tie_size=there.long(),
        tie_relevant=(hit & there).long(),
        tie_offset=torch.zeros_like(items),
        relevant=torch.tensor([len(good) for good in relevant]),
        hit=hit,
        score=torch.arange(width, 0, -1).float().expand(len(items), width),
    )


def _facts(n_users: int, n_items: int, history: Sequence[set[int]], **more: Any) -> Facts:
    pairs = torch.tensor([(u, i) for u, items in enumerate(history) for i in items], dtype=torch.int64).view(
        -1, 2
    )
    user, item = pairs.T
    counts = Counts(
        torch.bincount(user, minlength=n_users), torch.bincount(item, minlength=n_items), len(pairs), 0
    )
    graph = Graph(csr.from_pairs(user, item, n_users), csr.from_pairs(item, user, n_items))
    return Facts(counts, graph, **more)


def _part(ranking: Ranking, rows: slice) -> Ranking:
    named = {f.name: getattr(ranking, f.name) for f in fields(ranking) if f.name != "grades"}
    return Ranking(**{name: values[rows] for name, values in named.items()})


def _measured(family: ListMetrics[Ranking], ranking: Ranking, facts: Facts) -> Measurement:
    """The family's values of all queries; holds that those of two blocks together are the same."""
    whole = family.conclude(family.observe(ranking, facts), facts)
    assert list(whole.values) == list(family.names)
    middle = len(ranking.user) // 2
    if middle:
        blocks = (_part(ranking, slice(0, middle)), _part(ranking, slice(middle, None)))
        one, other = (family.observe(block, facts) for block in blocks)
        both = Observed(
            torch.cat([one.user, other.user]),
            {name: torch.cat([values, other.per_user[name]]) for name, values in one.per_user.items()},
            {name: values + other.totals[name] for name, values in one.totals.items()},
        )
        assert family.conclude(both, facts).values == pytest.approx(whole.values, nan_ok=True)
    return whole


@pytest.fixture(scope="session")
def world() -> Callable[[int], World]:
    """A small problem of each seed."""
    return _world


@pytest.fixture(scope="session")
def ranking_of() -> Callable[..., Ranking]:
    """Makes a `Ranking` of users, their lists of items, and their sets of relevant items."""
    return _ranking


@pytest.fixture(scope="session")
def facts_of() -> Callable[..., Facts]:
    """Makes `Facts` of the numbers of users and items, and each user's training items."""
    return _facts


@pytest.fixture(scope="session")
def measured() -> Callable[..., Measurement]:
    """Measures a family, in one block and in two."""
    return _measured
