"""Independent source: scikit-learn, loops over groups and bins, and some values by hand."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk
from torch import Tensor
from torchmetrics.functional.classification import binary_calibration_error

from recsys.metrics.classification import Classification
from recsys.types import Predictions, UserError

Numbers = list[float] | Tensor


def predictions(logit: Numbers, label: Numbers, user: list[int] | None = None, **groups: Tensor) -> Predictions:
    logit, label = torch.as_tensor(logit), torch.as_tensor(label)
    zeros = torch.zeros(len(logit), dtype=torch.int64)
    return Predictions(logit, label, zeros if user is None else torch.tensor(user), zeros, groups)


@st.composite
def problems(draw: st.DrawFn) -> tuple[Predictions, Tensor]:
    """Rows of both classes with equal scores among them, and a weight of each row, of which some may be 0."""
    n = draw(st.integers(2, 60))
    logit = draw(st.lists(st.integers(-16, 16), min_size=n, max_size=n))
    label = [0.0, 1.0, *draw(st.lists(st.sampled_from([0.0, 1.0]), min_size=n - 2, max_size=n - 2))]
    user = draw(st.lists(st.integers(0, 5), min_size=n, max_size=n))
    weight = [1.0, 0.5, *draw(st.lists(st.sampled_from([0.0, 0.3, 1.0, 2.0]), min_size=n - 2, max_size=n - 2))]
    return predictions([value / 4 for value in logit], label, user), torch.tensor(weight, dtype=torch.float64)


def by_scikit_learn(rows: Predictions, weight: np.ndarray, threshold: float, recall: float) -> dict[str, float]:
    chance, truth = rows.logit.double().sigmoid().numpy(), rows.label.numpy()
    precision, reached, _ = sk.precision_recall_curve(truth, chance, sample_weight=weight)
    harmonic = 2 * precision * reached / np.maximum(precision + reached, 1e-300)
    base = float(np.average(truth, weights=weight))
    constant = sk.log_loss(truth, np.full(len(truth), base), sample_weight=weight)
    log_loss = sk.log_loss(truth, chance, sample_weight=weight)
    called = chance >= threshold
    return {
        "roc_auc": sk.roc_auc_score(truth, chance, sample_weight=weight),
        "pr_auc": sk.average_precision_score(truth, chance, sample_weight=weight),
        "f1": sk.f1_score(truth, called, sample_weight=weight, zero_division=0),
        "best_f1": harmonic.max(),
        f"precision@recall{recall:g}": precision[:-1][reached[:-1] >= recall].max(),
        "log_loss": log_loss,
        "normalized_entropy": log_loss / constant,
        "brier": sk.brier_score_loss(truth, chance, sample_weight=weight),
    }


def by_loop(rows: Predictions, weight: np.ndarray) -> dict[str, float]:
    """The mean AUC of users who have both classes with a weight, by their weight."""
    total = size = 0.0
    for user in set(rows.user.tolist()):
        mine = (rows.user == user).numpy() & (weight > 0)
        truth = rows.label.numpy()[mine]
        if len(set(truth.tolist())) == 2:
            auc = sk.roc_auc_score(truth, rows.logit.numpy()[mine], sample_weight=weight[mine])
            total, size = total + weight[mine].sum() * auc, size + weight[mine].sum()
    return {"gauc_user": total / size if size else math.nan}


@given(problems(), st.sampled_from([0.2, 0.5]), st.sampled_from([0.3, 0.8, 1.0]))
@settings(max_examples=200, deadline=None)
def test_values_are_those_of_scikit_learn_and_of_a_loop_over_users(
    problem: tuple[Predictions, Tensor], threshold: float, recall: float
) -> None:
    rows, weight = problem
    metrics = Classification(threshold=threshold, recall=recall)
    for values, given_ in (
        (metrics.measure(rows).values, torch.ones_like(weight)),
        ({name: float(value) for name, value in metrics.weighted(rows, weight[None]).items()}, weight),
    ):
        wanted = by_scikit_learn(rows, given_.numpy(), threshold, recall) | by_loop(rows, given_.numpy())
        assert values == pytest.approx({**wanted, "ece": values["ece"]}, abs=1e-6, nan_ok=True)


@given(problems())
@settings(max_examples=100, deadline=None)
def test_a_whole_weight_is_a_number_of_copies(problem: tuple[Predictions, Tensor]) -> None:
    rows, weight = problem
    copies = weight.ceil().long()
    several = Predictions(
        *(c.repeat_interleave(copies) for c in (rows.logit, rows.label, rows.user, rows.item))
    )
    for metrics in (Classification(bins=4), Classification(bins=4, binning="width")):
        values = {name: float(v) for name, v in metrics.weighted(rows, copies.double()[None]).items()}
        assert values == pytest.approx(dict(metrics.measure(several).values), nan_ok=True)


@pytest.mark.parametrize("seed", range(5))
def test_ece_by_width_is_that_of_torchmetrics(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    rows = predictions(3 * torch.randn(500, generator=generator), torch.arange(500) % 3 % 2)
    wanted = binary_calibration_error(rows.logit.sigmoid(), rows.label.long(), n_bins=15, norm="l1")
    assert Classification(binning="width").measure(rows).values["ece"] == pytest.approx(float(wanted), abs=1e-5)


def test_ece_by_mass_is_the_mean_of_equal_shares_of_the_sorted_rows() -> None:
    generator = torch.Generator().manual_seed(0)
    chance = torch.rand(300, generator=generator, dtype=torch.float64)
    label = (torch.rand(300, generator=generator) < chance**2).double()
    order = chance.argsort()
    wanted = np.mean([abs(float((chance - label)[part].mean())) for part in order.split(60)])
    measured = Classification(bins=5).measure(predictions(chance.logit(), label))
    assert measured.values["ece"] == pytest.approx(float(wanted))
    curve = measured.curves["reliability"]
    assert curve["predicted"].tolist() == pytest.approx([float(chance[p].mean()) for p in order.split(60)])
    assert curve["observed"].tolist() == pytest.approx([float(label[p].mean()) for p in order.split(60)])
    assert curve["rows"].tolist() == [60] * 5


@pytest.mark.parametrize("binning", ["mass", "width"])
def test_nothing_hangs_on_the_order_of_the_rows(binning: str) -> None:
    generator = torch.Generator().manual_seed(3)
    logit = torch.randint(-3, 4, (200,), generator=generator).float()
    label, user = (torch.randint(0, n, (200,), generator=generator) for n in (2, 9))
    metrics = Classification(binning=binning)  # type: ignore[arg-type]
    first = metrics.measure(predictions(logit, label, user.tolist())).values
    order = torch.randperm(200, generator=generator)
    again = metrics.measure(predictions(logit[order], label[order], user[order].tolist())).values
    assert again == pytest.approx(dict(first))


def test_weights_are_worked_on_in_parts_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = torch.Generator().manual_seed(5)
    rows = predictions(torch.randn(40, generator=generator), torch.arange(40) % 2, [n % 5 for n in range(40)])
    weights = torch.rand(7, 40, generator=generator, dtype=torch.float64)
    whole = Classification().weighted(rows, weights)
    monkeypatch.setattr("recsys.metrics.classification.CELLS", 100)
    parts = Classification().weighted(rows, weights)
    assert list(whole) == Classification().names
    for name, values in whole.items():
        torch.testing.assert_close(parts[name], values)


def test_a_sample_of_one_class_has_no_value_of_telling_apart() -> None:
    rows = predictions([0.0, 1.0, 2.0], [0.0, 1.0, 1.0])
    values = Classification().weighted(rows, torch.tensor([[0.0, 1.0, 2.0]]).double())
    assert {name for name, v in values.items() if v.isnan()} == {"roc_auc", "gauc_user", "normalized_entropy"}


def test_without_a_positive_there_is_no_f1() -> None:
    rows = predictions([0.0, 1.0, 2.0], [0.0, 1.0, 0.0])
    values = Classification().weighted(rows, torch.tensor([[1.0, 0.0, 2.0]]).double())
    assert values["f1"].isnan().all()
    assert values["best_f1"].isnan().all()


def test_equal_scores_are_worth_a_half() -> None:
    values = Classification().measure(predictions([1.0] * 6, [1.0, 0.0, 0.0] * 2)).values
    assert values["roc_auc"] == values["gauc_user"] == pytest.approx(0.5)
    assert values["pr_auc"] == pytest.approx(1 / 3)


def test_gauc_weighs_groups_by_their_rows() -> None:
    # User 0 has 2 rows in order, user 1 has 4 rows all out of order, user 2 has no negative.
    logit, label = [1.0, 0.0, 0.0, 1.0, 2.0, 3.0, 9.0], [1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    values = Classification().measure(predictions(logit, label, [0, 0, 1, 1, 1, 1, 2])).values
    assert values["gauc_user"] == pytest.approx(2 / 6)


def test_gauc_of_another_group_leaves_out_rows_that_are_in_none() -> None:
    session = torch.tensor([4, 4, -1, -1])
    rows = predictions([1.0, 0.0, 0.0, 1.0], [1.0, 0.0, 1.0, 0.0], session=session)
    metrics = Classification(group=["session", "user"])
    assert metrics.names[:3] == ["roc_auc", "gauc_session", "gauc_user"]
    assert metrics.measure(rows).values["gauc_session"] == 1
    assert metrics.measure(rows).values["gauc_user"] == 0.5


def test_an_unknown_group_is_refused_with_those_there_are() -> None:
    rows = predictions([0.0, 1.0], [0.0, 1.0], session=torch.tensor([0, 0]))
    with pytest.raises(UserError, match=r"metrics\.classification\.group=page: .* there are: user, session"):
        Classification(group=["page"]).measure(rows)


def test_normalized_entropy_of_the_base_rate_is_one() -> None:
    logit = [math.log(0.25 / 0.75)] * 8
    values = Classification().measure(predictions(logit, [1.0, 0.0, 0.0, 0.0] * 2)).values
    assert values["normalized_entropy"] == pytest.approx(1)
    assert values["ece"] == pytest.approx(0, abs=1e-6)


def test_a_grade_is_a_positive_as_any_other() -> None:
    logit = [0.3, -0.2, 1.0]
    graded = Classification().measure(predictions(logit, [3.0, 0.0, 0.5])).values
    assert graded == Classification().measure(predictions(logit, [1.0, 0.0, 1.0])).values


def test_scores_whose_sigmoid_is_one_still_differ() -> None:
    values = Classification().measure(predictions([80.0, 70.0, 60.0, 50.0], [1.0, 1.0, 0.0, 0.0])).values
    assert values["roc_auc"] == values["pr_auc"] == 1


def test_a_logit_of_100_on_the_wrong_side_costs_100() -> None:
    values = Classification().measure(predictions([100.0, -100.0, 0.0], [0.0, 1.0, 1.0])).values
    assert values["log_loss"] == pytest.approx((200 + math.log(2)) / 3)


def test_the_threshold_itself_is_called_positive() -> None:
    values = Classification(threshold=0.5).measure(predictions([0.0, -1.0], [1.0, 0.0])).values
    assert values["f1"] == 1


def test_nobody_called_positive_has_f1_zero() -> None:
    assert Classification().measure(predictions([-2.0, -1.0], [1.0, 0.0])).values["f1"] == 0


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_one_class_alone_is_refused(label: float) -> None:
    with pytest.raises(UserError, match=f"labelled {label:.0f}; hold out more, or choose metrics=ranking"):
        Classification().measure(predictions([0.0, 1.0], [label, label]))


def test_scores_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(UserError, match="not a number"):
        Classification().measure(predictions([0.0, math.nan], [1.0, 0.0]))


def test_errors_of_the_chances_are_better_when_lower() -> None:
    metrics = Classification(recall=0.9)
    lower = [name for name in metrics.names if not metrics.higher_is_better(name)]
    assert lower == ["log_loss", "normalized_entropy", "brier", "ece"]
    higher = ["roc_auc", "gauc_user", "pr_auc", "f1", "best_f1", "precision@recall0.9"]
    assert metrics.names == [*higher, *lower]
    assert list(metrics.measure(predictions([0.0, 1.0], [0.0, 1.0])).values) == metrics.names
