"""Independent source: the rows themselves, an exact binomial test, and logistic regression of scikit-learn."""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.special import expit
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression

from recsys.calibration.undersampling import Undersampling
from recsys.sampling.none import NoSampling
from recsys.sampling.oversample import Oversample
from recsys.types import TrainRows, UserError

MakeRows = Callable[..., TrainRows]


def labelled(make_rows: MakeRows, labels: list[float]) -> TrainRows:
    rows = make_rows([(n, n % 7) for n in range(len(labels))])
    return replace(rows, label=torch.tensor(labels))


@pytest.mark.parametrize("rate", [1.0, 1.25, 3.0, 4.7])
def test_positives_come_as_often_as_the_rate_says_and_negatives_once(
    make_rows: MakeRows, generator: torch.Generator, rate: float
) -> None:
    batch = labelled(make_rows, [1.0, 0.0, 0.0] * 3000)
    sampler = Oversample(rate=rate)
    slate = sampler(batch, generator)
    times = Counter(slate.user.tolist())
    negative, positive = [times[n] for n in range(9000) if n % 3], [times[n] for n in range(0, 9000, 3)]
    assert set(negative) == {1}
    assert set(positive) <= {math.floor(rate), math.floor(rate) + 1}
    more = sum(n > math.floor(rate) for n in positive)
    assert binomtest(more, 3000, rate % 1).pvalue > 1e-3
    assert sampler.odds == rate


def test_a_repeated_row_stays_whole_and_in_its_place(make_rows: MakeRows, generator: torch.Generator) -> None:
    batch = labelled(make_rows, [0.0, 1.0, 0.5])
    slate = Oversample(rate=3.0)(batch, generator)
    at = slate.user
    assert at.tolist() == [0, 1, 1, 1, 2, 2, 2]
    assert torch.equal(slate.items[:, 0], batch.item[at])
    assert torch.equal(slate.labels[:, 0], batch.label[at])
    assert slate.time is not None
    assert batch.time is not None
    assert torch.equal(slate.time, batch.time[at])
    assert torch.equal(slate.context["device"], batch.context["device"][at])
    assert slate.log_q is None
    assert bool(slate.mask.all())


def test_a_rate_of_one_is_no_sampling(make_rows: MakeRows, generator: torch.Generator) -> None:
    batch = labelled(make_rows, [0.0, 1.0, 0.0])
    slate, whole = Oversample(rate=1.0)(batch, generator), NoSampling()(batch, generator)
    assert torch.equal(slate.items, whole.items)
    assert torch.equal(slate.labels, whole.labels)


def test_the_calibration_brings_a_model_of_repeated_positives_back_to_the_true_probabilities(
    make_rows: MakeRows, generator: torch.Generator
) -> None:
    draw = np.random.default_rng(0)
    feature = draw.normal(-2.5, 1.0, 40_000)
    labels = (draw.random(40_000) < expit(feature)).astype(float)
    sampler = Oversample(rate=6.5)
    slate = sampler(labelled(make_rows, labels.tolist()), generator)
    seen, target = feature[slate.user.numpy(), None], slate.labels[:, 0].numpy()
    learnt = torch.from_numpy(LogisticRegression(C=1e6).fit(seen, target).decision_function(feature[:, None]))
    calibrator = Undersampling()
    state = calibrator.fit(learnt, torch.from_numpy(labels), odds=sampler.odds)
    after = calibrator.apply(learnt, state).sigmoid().numpy()
    assert abs(learnt.sigmoid().numpy() - expit(feature)).mean() > 0.15
    assert abs(after - expit(feature)).mean() < 0.01


def test_a_rate_below_one_is_refused() -> None:
    with pytest.raises(UserError, match=r"^sampling\.rate=0\.5"):
        Oversample(rate=0.5)
