"""Independent source: scikit-learn, scipy's Kendall tau, and a count of pairs."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau
from sklearn.metrics import mean_absolute_error, root_mean_squared_error

from recsys.metrics.regression import Regression
from recsys.types import Predictions, UserError

Row = tuple[int, float, float]


def predictions(rows: list[Row]) -> Predictions:
    user, logit, label = zip(*rows, strict=True)
    users = torch.tensor(user)
    return Predictions(torch.tensor(logit), torch.tensor(label), users, torch.zeros_like(users))


def by_pairs(rows: list[Row]) -> float:
    """Tau-b by its definition, 0 where all scores are equal."""
    surplus = in_score = in_label = 0
    for (_, x, y), (_, u, v) in itertools.combinations(rows, 2):
        surplus += int(np.sign(x - u) * np.sign(y - v))
        in_score, in_label = in_score + (x != u), in_label + (y != v)
    return surplus / math.sqrt(in_score * in_label) if in_score else 0.0


steps = st.integers(-6, 6).map(lambda n: n / 2)
rows_of_users = st.lists(st.tuples(st.integers(0, 4), steps, steps), min_size=2, max_size=60).filter(
    lambda rows: len({label for _, _, label in rows}) > 1
)


@given(rows_of_users)
@settings(max_examples=200, deadline=None)
def test_values_are_those_of_other_libraries_and_of_a_count_of_pairs(rows: list[Row]) -> None:
    measured = Regression().measure(predictions(rows))
    _, logit, label = zip(*rows, strict=True)
    taus = {}
    for user in sorted({user for user, _, _ in rows}):
        mine = [row for row in rows if row[0] == user]
        if len({y for _, _, y in mine}) > 1:
            taus[user] = by_pairs(mine)
    wanted = {
        "rmse": root_mean_squared_error(label, logit),
        "mae": mean_absolute_error(label, logit),
        "kendall_tau": by_pairs(rows),
        "kendall_tau_user": np.mean(list(taus.values())) if taus else math.nan,
    }
    assert measured.values == pytest.approx(wanted, abs=1e-6, nan_ok=True)
    if not taus:
        assert measured.user is None
        return
    assert measured.user is not None
    assert measured.user.tolist() == list(taus)
    assert measured.per_user["kendall_tau_user"].tolist() == pytest.approx(list(taus.values()))


@pytest.mark.parametrize("levels", [3, 50, 10_000])
@pytest.mark.parametrize("seed", range(3))
def test_tau_is_that_of_scipy_on_many_rows(seed: int, levels: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    logit, label = torch.randint(0, levels, (2, 3000), generator=generator).float()
    label = label + logit * 0.3 // 1
    user = torch.randint(0, 40, (3000,), generator=generator)
    values = Regression().measure(Predictions(logit, label, user, user)).values
    assert values["kendall_tau"] == pytest.approx(kendalltau(logit, label).statistic)
    taus = [kendalltau(logit[user == u], label[user == u]).statistic for u in range(40)]
    assert values["kendall_tau_user"] == pytest.approx(np.mean(taus))


@given(rows_of_users, st.integers(0, 2**32))
@settings(max_examples=50, deadline=None)
def test_weighted_distances_are_those_of_scikit_learn(rows: list[Row], seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    weights = torch.rand(3, len(rows), generator=generator, dtype=torch.float64) + 0.1
    values = Regression().weighted(predictions(rows), weights)
    assert set(values) == {"rmse", "mae"}
    _, logit, label = zip(*rows, strict=True)
    for name, slow in (("rmse", root_mean_squared_error), ("mae", mean_absolute_error)):
        wanted = [slow(label, logit, sample_weight=weight) for weight in weights.numpy()]
        assert values[name].tolist() == pytest.approx(wanted)


def test_a_score_that_is_the_label_is_perfect() -> None:
    rows = [(0, 1.0, 1.0), (0, 5.0, 5.0), (1, 2.0, 2.0), (1, 7.0, 7.0)]
    values = Regression().measure(predictions(rows)).values
    assert values == {"rmse": 0, "mae": 0, "kendall_tau": 1, "kendall_tau_user": 1}


def test_one_score_for_all_orders_nothing() -> None:
    values = Regression().measure(predictions([(0, 1.0, 1.0), (0, 1.0, 5.0)])).values
    assert values["kendall_tau"] == values["kendall_tau_user"] == 0


def test_one_label_alone_is_refused() -> None:
    with pytest.raises(UserError, match=r"metrics\.regression: all held-out rows are labelled 2\.5"):
        Regression().measure(predictions([(0, 1.0, 2.5), (1, 2.0, 2.5)]))


def test_scores_that_are_no_numbers_are_refused() -> None:
    rows = predictions([(0, math.nan, 2.5), (1, 2.0, 1.5)])
    with pytest.raises(UserError, match="not a number"):
        Regression().measure(rows)
    with pytest.raises(UserError, match="not a number"):
        Regression().weighted(rows, torch.ones(1, 2))


def test_distances_are_better_when_lower() -> None:
    metrics = Regression()
    assert metrics.names == ["rmse", "mae", "kendall_tau", "kendall_tau_user"]
    assert [name for name in metrics.names if metrics.higher_is_better(name)] == metrics.names[2:]
