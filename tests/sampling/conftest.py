"""A tiny catalogue that the tests of the samplers share."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor

from recsys.ops import statistics
from recsys.sampling import Sampler
from recsys.types import Counts, Facts, Graph, Rows, Schema, TrainRows


def rows(pairs: Sequence[tuple[int, int]]) -> TrainRows:
    """Positive rows, an hour apart, with a context column."""
    user, item = zip(*pairs, strict=True)
    n = len(pairs)
    return TrainRows(
        user=torch.tensor(user),
        item=torch.tensor(item),
        label=torch.ones(n),
        time=1_700_000_000 + 3600 * torch.arange(n),
        context={"device": torch.arange(n) % 3},
    )


def build(target: Callable[..., Sampler], train: TrainRows, users: int, items: int, **options: Any) -> Sampler:
    """A sampler, given what it asks for by type."""
    schema = Schema(n_users=users, n_items=items, fields=())
    counts, graph = statistics.count(train, schema), statistics.link(train, schema)
    nouns = {
        Schema: schema,
        Counts: counts,
        Graph: graph,
        Facts: Facts(counts, graph),
        TrainRows: beside_shown(train, users, items),
    }
    asked = [p for p in inspect.signature(target).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    sampler = target(*(nouns[p.annotation] for p in asked), **options)
    sampler.scorer = Table(users, items)
    return sampler


class Table:
    """A scorer with vectors of its own, drawn once."""

    step = 0

    def __init__(self, users: int, items: int) -> None:
        generator = torch.Generator().manual_seed(0)
        self.of_users = torch.randn(users, 4, generator=generator)
        self.of_items = torch.randn(items, 4, generator=generator)

    def users(self, rows: Rows) -> Tensor:
        return self.of_users[rows.user]

    def items(self) -> Tensor:
        return self.of_items


def beside_shown(train: TrainRows, users: int, items: int) -> TrainRows:
    """The rows, and one labelled 0 of every user with every item, those that she took up elsewhere included."""
    if bool((train.label <= 0).any()):
        return train
    pairs = torch.cartesian_prod(torch.arange(users), torch.arange(items))
    shown = rows([(int(u), int(i)) for u, i in pairs])
    assert train.time is not None
    assert shown.time is not None
    return TrainRows(
        user=torch.cat([train.user, shown.user]),
        item=torch.cat([train.item, shown.item]),
        label=torch.cat([train.label, torch.zeros_like(shown.label)]),
        time=torch.cat([train.time, shown.time]),
    )


@pytest.fixture(scope="session")
def make_rows() -> Callable[[Sequence[tuple[int, int]]], TrainRows]:
    """Rows from (user, item) pairs."""
    return rows


@pytest.fixture(scope="session")
def make_sampler() -> Callable[..., Sampler]:
    """A sampler from its class, training rows, number of users, number of items and options."""
    return build


@pytest.fixture
def generator() -> torch.Generator:
    """A generator with a fixed state."""
    return torch.Generator().manual_seed(0)
