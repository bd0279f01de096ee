"""A tiny catalogue that the tests of the samplers share."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch

from recsys.ops import statistics
from recsys.sampling import Sampler
from recsys.types import Counts, Facts, Graph, Schema, TrainRows


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
    nouns = {Schema: schema, Counts: counts, Graph: graph, Facts: Facts(counts, graph)}
    asked = [p for p in inspect.signature(target).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    return target(*(nouns[p.annotation] for p in asked), **options)


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
