"""Intervals against scipy.stats.bootstrap, and against simulated problems whose true value is known."""

import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor

from recsys.ops import uncertainty
from recsys.ops.uncertainty import corrected, interval, intervals, resample, resample_users, weighted_interval

DRAWS = 1000


def skewed(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).lognormal(0, 1.2, n)


def covered(found: dict[str, tuple[float, float]], truth: float) -> float:
    return sum(low <= truth <= high for low, high in found.values()) / len(found)


def as_columns(table: np.ndarray) -> dict[str, Tensor]:
    return {str(place): torch.from_numpy(column) for place, column in enumerate(table.T)}


def test_ends_are_scipys_for_scipys_own_samples() -> None:
    values = skewed(40, seed=1)
    theirs = stats.bootstrap((values,), np.mean, method="BCa", n_resamples=2000, rng=np.random.default_rng(2))
    away = values - values.mean()
    acceleration = (away**3).sum() / (6 * (away**2).sum() ** 1.5)
    drawn = torch.from_numpy(theirs.bootstrap_distribution)
    ours = corrected(drawn, float(values.mean()), acceleration=acceleration)
    assert ours == pytest.approx(tuple(theirs.confidence_interval), rel=1e-9)


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_interval_is_scipys_up_to_the_luck_of_the_draw(confidence: float) -> None:
    values = skewed(40, seed=1)
    options = {"n_resamples": 100_000, "confidence_level": confidence, "rng": np.random.default_rng(3)}
    theirs = stats.bootstrap((values,), np.mean, method="BCa", **options).confidence_interval
    plain = stats.bootstrap((values,), np.mean, method="percentile", **options).confidence_interval
    ours = interval(torch.from_numpy(values), confidence=confidence, samples=100_000)
    width = theirs.high - theirs.low
    assert ours == pytest.approx(tuple(theirs), abs=0.03 * width)
    assert abs(plain.high - theirs.high) > 0.04 * width


def test_columns_together_are_what_each_is_alone() -> None:
    rng = np.random.default_rng(4)
    columns = as_columns(np.column_stack([rng.random(50), rng.random(50) < 0.2, skewed(50, seed=5)]))
    together = intervals(columns)
    for name, column in columns.items():
        assert interval(column) == pytest.approx(together[name], rel=1e-12)


def test_blocks_do_not_change_the_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    values = torch.from_numpy(skewed(60, seed=6))
    whole = interval(values, samples=4000)
    monkeypatch.setattr(uncertainty, "CELLS", 1000)
    assert interval(values, samples=4000) == pytest.approx(whole, rel=0.05)


def test_each_sample_draws_as_many_as_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uncertainty, "CELLS", 100)
    blocks = list(resample(30, samples=10, seed=0))
    assert [len(block) for block in blocks] == [3, 3, 3, 1]
    assert torch.cat(blocks).sum(1).tolist() == [30.0] * 10


def test_counts_of_a_sample_are_multinomial() -> None:
    counts = torch.cat(list(resample(20, samples=5000, seed=0)))
    variance = 20 * (1 / 20) * (19 / 20)
    assert counts.mean().item() == pytest.approx(1.0)
    assert counts.var().item() == pytest.approx(variance, rel=0.03)
    assert torch.cov(counts[:, :2].T)[0, 1].item() == pytest.approx(-1 / 20, abs=0.04)


def test_rows_of_a_user_are_drawn_together() -> None:
    user = torch.tensor([7, 3, 7, 9, 3, 7])
    weights = torch.cat(list(resample_users(user, samples=50, seed=0)))
    assert weights.shape == (50, 6)
    assert torch.equal(weights[:, 0], weights[:, 2])
    assert torch.equal(weights[:, 1], weights[:, 4])
    assert torch.equal(weights[:, [0, 1, 3]].sum(1), torch.full((50,), 3.0, dtype=torch.float64))


def test_users_without_a_value_are_left_out() -> None:
    values = torch.from_numpy(skewed(200, seed=7))
    gaps = torch.cat([values, torch.full((100,), torch.nan, dtype=torch.float64)])
    assert interval(gaps, samples=5000) == pytest.approx(interval(values, samples=5000), rel=0.03)


@pytest.mark.parametrize("values", [[0.3], [0.3] * 7, [0.3, math.nan, 0.3]])
def test_equal_values_give_an_interval_without_width(values: list[float]) -> None:
    assert interval(torch.tensor(values, dtype=torch.float64)) == (0.3, 0.3)


@pytest.mark.parametrize("values", [[], [math.nan, math.nan]])
def test_no_values_give_no_interval(values: list[float]) -> None:
    assert all(math.isnan(end) for end in interval(torch.tensor(values, dtype=torch.float64)))


def test_two_users_give_an_interval_within_their_values() -> None:
    low, high = interval(torch.tensor([0.2, 0.6], dtype=torch.float64))
    assert 0.2 <= low < high <= 0.6


def test_the_interval_of_a_share_contains_the_truth_as_often_as_it_says() -> None:
    values = (np.random.default_rng(0).random((400, DRAWS)) < 0.1).astype(float)
    assert 0.93 <= covered(intervals(as_columns(values)), 0.1) <= 0.97


def test_the_interval_of_a_skewed_mean_contains_the_truth_as_often_as_it_says() -> None:
    values = np.random.default_rng(0).beta(0.3, 1.5, (300, DRAWS))
    assert 0.93 <= covered(intervals(as_columns(values)), 0.3 / 1.8) <= 0.97


def test_the_interval_where_users_have_no_value_contains_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    values = np.where(rng.random((400, DRAWS)) < 0.3, np.nan, rng.beta(0.5, 2.0, (400, DRAWS)))
    assert 0.93 <= covered(intervals(as_columns(values)), 0.5 / 2.5) <= 0.97


def weighted_auc(score: Tensor, label: Tensor, weights: Tensor) -> Tensor:
    """Chance that a positive scores above a negative; scores without ties."""
    order = score.argsort()
    positive, negative = (weights[:, order] * side for side in (label[order], 1 - label[order]))
    return (positive * negative.cumsum(1)).sum(1) / (positive.sum(1) * negative.sum(1))


def clustered(rng: np.random.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Rows of 100 users, of whom some mostly take up and some mostly do not, each with a taste of her own."""
    user = np.repeat(np.arange(100), 5)
    taste = rng.normal(0, 1, 100)[user]
    label = rng.random(500) < rng.choice([0.15, 0.85], 100)[user]
    score = taste + label + rng.normal(0, 1, 500)
    return torch.from_numpy(user), torch.from_numpy(score), torch.from_numpy(label).double()


def test_the_interval_of_roc_auc_contains_the_truth_as_often_as_it_says() -> None:
    # A positive less a negative of another user is normal with mean 1 and variance 2 (1 + 1).
    truth = stats.norm.cdf(1 / math.sqrt(4))
    rng = np.random.default_rng(0)
    by_users, by_rows = {}, {}
    for draw in range(DRAWS):
        user, score, label = clustered(rng)
        points = {"roc_auc": float(weighted_auc(score, label, torch.ones(1, 500, dtype=torch.float64)))}

        def measure(weights: Tensor, score: Tensor = score, label: Tensor = label) -> dict[str, Tensor]:
            return {"roc_auc": weighted_auc(score, label, weights)}

        by_users[str(draw)] = weighted_interval(measure, user, points, samples=400, seed=draw)["roc_auc"]
        if draw < 200:
            rows = torch.arange(500)
            by_rows[str(draw)] = weighted_interval(measure, rows, points, samples=400, seed=draw)["roc_auc"]
    assert 0.93 <= covered(by_users, truth) <= 0.97
    assert covered(by_rows, truth) < 0.9


def test_weighted_intervals_are_given_for_the_names_that_can_be_weighted() -> None:
    user = torch.arange(30)
    values = torch.from_numpy(skewed(30, seed=8))

    def measure(weights: Tensor) -> dict[str, Tensor]:
        return {"mean": weights @ values / weights.sum(1)}

    found = weighted_interval(measure, user, {"mean": float(values.mean()), "other": 1.0}, samples=5000)
    assert set(found) == {"mean"}
    drawn = torch.cat([measure(weights)["mean"] for weights in resample_users(user, 5000, seed=0)])
    assert found["mean"] == corrected(drawn, float(values.mean()))
