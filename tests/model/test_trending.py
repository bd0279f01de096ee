"""Independent source: the formula as a loop over rows."""

import math

import torch

from recsys.model.popularity import Popularity
from recsys.model.trending import Trending
from recsys.types import Schema, Slate, TrainRows

DAY = 86_400


def rows() -> TrainRows:
    user, item = torch.tensor([0, 0, 0, 1, 2]), torch.tensor([4, 4, 2, 2, 2])
    label, weight = torch.tensor([1.0, 1.0, 1.0, 1.0, 0.0]), torch.tensor([1.0, 2.0, 1.0, 1.0, 1.0])
    return TrainRows(user, item, label, time=torch.tensor([0, 3, 4, 10, 12]) * DAY, weight=weight)


def test_each_positive_row_counts_half_after_each_half_life(schema: Schema) -> None:
    model, given = Trending(schema, half_life=2.0), rows()
    model.fit(given)
    assert given.time is not None
    assert given.weight is not None
    sums = dict.fromkeys(range(schema.n_items), 0.0)
    for place in range(4):
        age = (12 * DAY - int(given.time[place])) / DAY
        sums[int(given.item[place])] += float(given.weight[place]) * 0.5 ** (age / 2)
    expected = torch.tensor([math.log1p(sums[i]) for i in range(schema.n_items)])
    assert torch.allclose(model.score, expected, atol=1e-6)


def test_an_endless_half_life_is_popularity(schema: Schema, slate: Slate) -> None:
    trending, popularity = Trending(schema, half_life=1e12), Popularity(schema)
    trending.fit(rows())
    popularity.fit(rows())
    assert torch.allclose(trending(slate), popularity(slate), atol=1e-6)
