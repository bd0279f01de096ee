"""Independent source: a loop over the log's rows, and a chi-square test."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from scipy.stats import chisquare

from recsys.sampling import Sampler
from recsys.sampling.impressions import Impressions
from recsys.types import TrainRows, UserError

MakeRows = Callable[..., TrainRows]
MakeSampler = Callable[..., Sampler]

USERS, ITEMS = 4, 8
LOG = [  # user, item, second, label
    (0, 1, 100, 1),
    (0, 2, 100, 0),
    (0, 3, 100, 0),
    (0, 2, 160, 0),
    (0, 4, 160, 0),
    (0, 5, 160, 1),
    (0, 5, 100, 0),
    (0, 6, 900, 0),
    (0, 7, 500, 1),
    (1, 0, 100, 1),
    (2, 3, 50, 0),
    (2, 3, 90, 0),
    (2, 1, 2000, 1),
]


def log(make_rows: MakeRows) -> TrainRows:
    user, item, time, label = (torch.tensor(column) for column in zip(*LOG, strict=True))
    return replace(make_rows([(0, 0)] * len(LOG)), user=user, item=item, time=time, label=label.float())


def shares(user: int, second: int, window: int | None) -> dict[int, float]:
    taken = {item for who, item, _, label in LOG if who == user and label}
    hers = [(i, t) for who, i, t, label in LOG if who == user and not label and i not in taken]
    near = [i for i, t in hers if window is not None and abs(t - second) <= window]
    drawn = near or [i for i, _ in hers]
    return {item: n / len(drawn) for item, n in Counter(drawn).items()}


@pytest.mark.parametrize("window", [None, 0, 60, 10_000])
@pytest.mark.parametrize("row", [n for n, (*_, label) in enumerate(LOG) if label])
def test_items_come_as_often_as_log_q_says(
    make_rows: MakeRows, make_sampler: MakeSampler, generator: torch.Generator, row: int, window: int | None
) -> None:
    train = log(make_rows)
    sampler = make_sampler(Impressions, train, USERS, ITEMS, negatives=10, window=window)
    user, item, second, _ = LOG[row]
    batch = replace(make_rows([(user, item)] * 500), time=torch.full((500,), second))
    slate = sampler(batch, generator)
    counted = slate.mask & (slate.labels == 0)
    wanted = shares(user, second, window)
    found = Counter(slate.items[counted].tolist())
    assert found.keys() == wanted.keys()
    assert slate.log_q is not None
    stated = dict(zip(slate.items[counted].tolist(), slate.log_q[counted].exp().tolist(), strict=True))
    assert stated == pytest.approx(wanted, rel=1e-5)
    if len(wanted) > 1:
        assert chisquare([found[i] for i in wanted], [q * found.total() for q in wanted.values()]).pvalue > 1e-3


def test_someone_without_such_a_row_keeps_her_positive_alone(
    make_rows: MakeRows, make_sampler: MakeSampler, generator: torch.Generator
) -> None:
    train = log(make_rows)
    slate = make_sampler(Impressions, train, USERS, ITEMS, window=0)(
        replace(make_rows([(1, 0), (0, 1)]), time=torch.tensor([100, 100])), generator
    )
    assert slate.mask.sum(1).tolist() == [1, 5]
    assert slate.log_q is not None
    assert bool(slate.log_q.isfinite().all())


def test_a_window_is_refused_where_there_is_no_time(make_rows: MakeRows, make_sampler: MakeSampler) -> None:
    train = replace(log(make_rows), time=None)
    with pytest.raises(UserError, match=r"^sampling\.window=0: data has no time"):
        make_sampler(Impressions, train, USERS, ITEMS, window=0)
    slate = make_sampler(Impressions, train, USERS, ITEMS)(
        replace(make_rows([(2, 1)]), time=None), torch.Generator().manual_seed(0)
    )
    assert set(slate.items[0, 1:].tolist()) == {3}


def test_it_is_refused_for_labels_without_negatives() -> None:
    assert "label.negatives" in [need.what for need in Impressions.needs]


def test_rows_of_weight_0_are_not_drawn(
    make_rows: MakeRows, make_sampler: MakeSampler, generator: torch.Generator
) -> None:
    train = log(make_rows)
    train = replace(train, weight=(train.item != 2).float())
    batch = make_rows([(0, 1)] * 300)
    slate = make_sampler(Impressions, train, USERS, ITEMS, negatives=10, window=None)(batch, generator)
    counted = slate.mask & (slate.labels == 0)
    assert set(slate.items[counted].tolist()) == {3, 4, 6}
