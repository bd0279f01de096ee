"""A small world of encoded columns for models."""

import pytest
import torch
from torch import nn

from recsys.types import Field, Schema, Slate

USERS, ITEMS = 7, 9


class Table(nn.Embedding):
    """An embedding that says how wide it is."""

    def __init__(self, rows: int, width: int) -> None:
        super().__init__(rows, width)
        self.width = width


class Number(nn.Module):
    """One number as it is."""

    width = 1

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return values


class Mean(nn.Module):
    """The mean of the learned vectors of a history's items."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.table, self.width = nn.Embedding(ITEMS, dim), dim

    def forward(self, items: torch.Tensor) -> torch.Tensor:
        there = (items >= 0).unsqueeze(-1)
        return (self.table(items.clamp_min(0)) * there).sum(-2) / there.sum(-2).clamp_min(1)


@pytest.fixture
def schema() -> Schema:
    """Ids on both sides, a number of users, a category of items, a category of the moment, a history."""
    generator = torch.Generator().manual_seed(0)
    ages = torch.randn(USERS, 1, generator=generator)
    kinds = torch.randint(0, 3, (ITEMS,), generator=generator)
    return Schema(
        USERS,
        ITEMS,
        (
            Field("user_id", "user", "id", torch.arange(USERS), lambda dim: Table(USERS, dim)),
            Field("age", "user", "number", ages, lambda dim: Number()),
            Field("item_id", "item", "id", torch.arange(ITEMS), lambda dim: Table(ITEMS, dim)),
            Field("kind", "item", "category", kinds, lambda dim: Table(3, dim)),
            Field("device", "context", "category", None, lambda dim: Table(2, dim)),
            Field("user_history", "context", "sequence", None, Mean),
        ),
    )


@pytest.fixture
def slate() -> Slate:
    """Four queries with five candidates each."""
    generator = torch.Generator().manual_seed(1)
    items = torch.randint(0, ITEMS, (4, 5), generator=generator)
    labels = torch.zeros(4, 5)
    labels[:, 0] = 1
    user, device = torch.tensor([0, 3, 3, 6]), torch.tensor([0, 1, 0, 1])
    history = torch.tensor([[-1, -1, -1], [-1, 2, 5], [8, 0, 0], [-1, -1, 3]])
    context = {"device": device, "user_history": history}
    return Slate(user, items, labels, torch.ones_like(labels, dtype=torch.bool), context=context)
