"""Independent source: the rows themselves, and an exact binomial test of the share that is kept."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from scipy.stats import binomtest

from recsys.sampling.none import NoSampling
from recsys.sampling.undersample import Undersample
from recsys.types import TrainRows, UserError

MakeRows = Callable[..., TrainRows]


def labelled(make_rows: MakeRows, labels: list[float]) -> TrainRows:
    rows = make_rows([(n, n % 7) for n in range(len(labels))])
    return replace(rows, label=torch.tensor(labels))


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.5, 0.9])
def test_the_stated_share_of_negatives_is_kept_and_every_positive(
    make_rows: MakeRows, generator: torch.Generator, rate: float
) -> None:
    batch = labelled(make_rows, [1.0, 0.0, 0.0, 0.0, 0.5] * 4000)
    sampler = Undersample(rate=rate)
    slate = sampler(batch, generator)
    found = slate.labels[slate.mask]
    assert int((found == 1).sum()) == int((found == 0.5).sum()) == 4000
    assert binomtest(int((found == 0).sum()), 12_000, 1 / sampler.odds).pvalue > 1e-3
    assert sampler.odds == pytest.approx(1 / rate)


def test_a_kept_row_stays_whole_and_in_its_place(make_rows: MakeRows, generator: torch.Generator) -> None:
    batch = labelled(make_rows, [0.0, 1.0, 0.0] * 30)
    slate = Undersample(rate=0.4)(batch, generator)
    at = slate.user
    assert 30 < len(at) < 90
    assert bool((at.diff() > 0).all())
    assert torch.equal(slate.items[:, 0], batch.item[at])
    assert torch.equal(slate.labels[:, 0], batch.label[at])
    assert slate.time is not None
    assert batch.time is not None
    assert torch.equal(slate.time, batch.time[at])
    assert torch.equal(slate.context["device"], batch.context["device"][at])
    assert slate.log_q is None
    assert bool(slate.mask.all())


def test_each_draw_keeps_others(make_rows: MakeRows, generator: torch.Generator) -> None:
    batch, sampler = labelled(make_rows, [0.0] * 1000), Undersample(rate=0.5)
    first, second = (set(sampler(batch, generator).user.tolist()) for _ in range(2))
    assert 150 < len(first & second) < 350


def test_where_nothing_is_left_one_row_stays_that_does_not_count(
    make_rows: MakeRows, generator: torch.Generator
) -> None:
    batch, sampler = labelled(make_rows, [0.0] * 5), Undersample(rate=1e-9)
    slate = sampler(batch, generator)
    assert slate.labels.shape == (1, 1)
    assert not bool(slate.mask.any())


def test_a_rate_of_one_is_no_sampling(make_rows: MakeRows, generator: torch.Generator) -> None:
    batch = labelled(make_rows, [0.0, 1.0, 0.0])
    slate, whole = Undersample(rate=1.0)(batch, generator), NoSampling()(batch, generator)
    assert torch.equal(slate.items, whole.items)
    assert torch.equal(slate.labels, whole.labels)
    assert torch.equal(slate.mask, whole.mask)
    assert NoSampling().odds == 1


def test_a_rate_of_zero_is_refused() -> None:
    with pytest.raises(UserError, match=r"^sampling\.rate=0"):
        Undersample(rate=0.0)
