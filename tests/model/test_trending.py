"""Independent source: the formula as a loop over rows."""

import math

import pytest
import torch

from recsys.model.popularity import Popularity
from recsys.model.trending import Trending
from recsys.types import Schema, TrainRows

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
    sums = {2: 0.0, 4: 0.0}
    for place in range(4):
        age = (12 * DAY - int(given.time[place])) / DAY
        sums[int(given.item[place])] += float(given.weight[place]) * 0.5 ** (age / 2)
    expected = torch.tensor([math.log(sums[2]), math.log(sums[4])])
    assert torch.allclose(model.score[[2, 4]], expected, atol=1e-6)


def test_an_endless_half_life_is_popularity(schema: Schema) -> None:
    trending, popularity = Trending(schema, half_life=1e12), Popularity(schema)
    trending.fit(rows())
    popularity.fit(rows())
    counts = popularity.score.expm1()
    assert torch.allclose(trending.score[counts > 0].exp(), counts[counts > 0], atol=1e-5)


@pytest.mark.parametrize("half_life", [0.01, 1.0, 30.0])
def test_the_longer_ago_the_lower_and_never_the_lowest(schema: Schema, half_life: float) -> None:
    """Sums that float32 and float64 do not hold, 2^-160 and less; item 8 has a row of weight 0 alone."""
    days, item = torch.tensor([0, 160, 190, 300, 4000, 1]), torch.tensor([0, 1, 2, 3, 4, 8])
    time, weight = (4000 - days) * DAY, torch.tensor([1.0, 1.0, 1.0, 1.0, 1.0, 0.0])
    model = Trending(schema, half_life=half_life)
    model.fit(TrainRows(torch.zeros_like(item), item, torch.ones(6), time=time, weight=weight))
    score = model.score.tolist()
    assert bool(model.score.isfinite().all())
    assert score[0] > score[1] > score[2] > score[3] > score[4] > score[5]
    assert score[5] == score[6] == score[7] == score[8]


def test_without_a_positive_row_all_items_are_alike(schema: Schema) -> None:
    model = Trending(schema)
    model.fit(TrainRows(torch.tensor([0]), torch.tensor([1]), torch.zeros(1), time=torch.tensor([5])))
    assert not model.score.any()
