"""Independent source: scikit-learn with sample weights, torchmetrics' calibration error, loops over rows."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk
from torch import Tensor
from torchmetrics.functional.classification import binary_calibration_error

from recsys.ops import grouped_auc, reliability
from recsys.ops import row_formulas as formulas
from recsys.ops.kendall import concordance, inversions


def problem(seed: int, n: int = 60, levels: int = 12) -> tuple[Tensor, Tensor, Tensor]:
    """Scores with ties, labels of both classes, and three sets of weights, one of them with zeros."""
    generator = torch.Generator().manual_seed(seed)
    score = (torch.randint(0, levels, (n,), generator=generator).double() / levels * 6 - 3).double()
    positive = (torch.rand(n, generator=generator) < (score / 2).sigmoid()).double()
    positive[0], positive[1] = 0, 1
    weights = torch.rand(3, n, generator=generator, dtype=torch.float64)
    weights[1] = torch.randint(0, 3, (n,), generator=generator)
    weights[:, :2] += 1
    weights[2] = 1
    return score, positive, weights


def counts(score: Tensor, positive: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    order, ends = formulas.by_score(score)
    weights, positive = formulas.pick(weights, order), positive[order]
    return formulas.up_to(weights * positive, ends), formulas.up_to(weights * (1 - positive), ends)


@pytest.mark.parametrize("seed", range(30))
def test_curves_under_weights_are_those_of_scikit_learn(seed: int) -> None:
    score, positive, weights = problem(seed)
    tp, fp = counts(score, positive, weights)
    precision = formulas.precisions(tp, tp + fp)
    values = (
        formulas.roc_auc(tp, fp),
        formulas.average_precision(tp, precision),
        formulas.best_f1(tp, tp + fp),
        formulas.precision_at_recall(tp, precision, 0.7),
    )
    for b, weight in enumerate(weights.numpy()):
        given_ = (positive.numpy(), score.numpy())
        exact, recall, _ = sk.precision_recall_curve(*given_, sample_weight=weight)
        harmonic = 2 * exact * recall / np.maximum(exact + recall, 1e-300)
        wanted = [
            sk.roc_auc_score(*given_, sample_weight=weight),
            sk.average_precision_score(*given_, sample_weight=weight),
            harmonic.max(),
            exact[:-1][recall[:-1] >= 0.7].max(),
        ]
        assert [float(value[b]) for value in values] == pytest.approx(wanted, abs=1e-9)


def test_precision_is_asked_for_at_a_recall_that_is_reached() -> None:
    # Precision by threshold is 1, 1/2, 2/3, 2/4 and recall 1/2, 1/2, 1, 1.
    tp, fp = counts(torch.tensor([4.0, 3.0, 2.0, 1.0]), torch.tensor([1.0, 0.0, 1.0, 0.0]), torch.ones(1, 4))
    precision = formulas.precisions(tp, tp + fp)
    at = {
        recall: float(formulas.precision_at_recall(tp, precision, recall)) for recall in (0.0, 0.5, 0.51, 1.0)
    }
    assert at == pytest.approx({0.0: 1, 0.5: 1, 0.51: 2 / 3, 1.0: 2 / 3})


def test_the_log_loss_stays_finite_and_exact_far_out() -> None:
    losses = formulas.log_losses(torch.tensor([1000.0, 1000.0, -40.0]).double(), torch.tensor([0.0, 1.0, 1.0]))
    assert losses.tolist() == pytest.approx([1000, 0, 40 + math.exp(-40)])


def test_entropy_is_that_of_a_coin_and_none_of_a_certainty() -> None:
    values = formulas.entropy(torch.tensor([0.5, 0.25, 0.0, 1.0]).double()).tolist()
    assert values[:2] == pytest.approx([math.log(2), -(0.25 * math.log(0.25) + 0.75 * math.log(0.75))])
    assert all(math.isnan(value) for value in values[2:])


def slow_gauc(group: Tensor, score: Tensor, positive: Tensor, weight: Tensor) -> float:
    """The definition, pair by pair."""
    total = size = 0.0
    rows = list(zip(group.tolist(), score.tolist(), positive.tolist(), weight.tolist(), strict=True))
    for g in sorted(set(group.tolist()) - {-1}):
        ups = [(s, w) for h, s, y, w in rows if h == g and y == 1]
        downs = [(s, w) for h, s, y, w in rows if h == g and y == 0]
        pairs = sum(v * w for _, v in ups for _, w in downs)
        if not pairs:
            continue
        right = sum(v * w * ((s > t) + (s == t) / 2) for s, v in ups for t, w in downs)
        n = sum(w for _, w in ups + downs)
        total, size = total + n * right / pairs, size + n
    return total / size if size else math.nan


@pytest.mark.parametrize("seed", range(30))
def test_grouped_auc_is_the_definition(seed: int) -> None:
    score, positive, weights = problem(seed, n=50, levels=6)
    group = torch.randint(-1, 9, (50,), generator=torch.Generator().manual_seed(seed))
    weights[1] = (group % 3).double().clamp_min(0)
    order, _ = formulas.by_score(score)
    arranged = grouped_auc.arrange(group[order], score[order], positive[order])
    assert arranged is not None
    got = grouped_auc.grouped_auc(arranged, weights[:, order][:, arranged.rows])
    wanted = [slow_gauc(group, score, positive, weight) for weight in weights]
    assert got.tolist() == pytest.approx(wanted, abs=1e-9)


def test_groups_of_one_class_have_no_auc() -> None:
    group, score = torch.tensor([0, 0, 1, -1, -1]), torch.tensor([5.0, 4.0, 3.0, 2.0, 1.0])
    assert grouped_auc.arrange(group, score, torch.tensor([1.0, 1.0, 0.0, 1.0, 0.0])) is None


def bins_of(score: Tensor, weights: Tensor, bins: int) -> Tensor:
    """The bin of each row, by the middle of the weight of its score, in a loop; the topmost is 0."""
    found = torch.zeros(weights.shape, dtype=torch.int64)
    for b, weight in enumerate(weights):
        for i, s in enumerate(score):
            middle = weight[score > s].sum() + weight[score == s].sum() / 2
            # Of the shares j / bins of the whole, those that the middle has reached.
            found[b, i] = sum(bool(middle >= weight.sum() * j / bins - 1e-9) for j in range(1, bins))
    return found


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("bins", [1, 4, 15])
def test_bins_of_equal_mass_are_those_of_a_loop(seed: int, bins: int) -> None:
    score, positive, weights = problem(seed)
    weights[2] = torch.rand(len(score), generator=torch.Generator().manual_seed(seed)).double() + 0.1
    weights[1] += torch.rand(len(score), generator=torch.Generator().manual_seed(seed + 1)).double()
    tp, fp = counts(score, positive, weights)
    order, ends = formulas.by_score(score)
    gap = formulas.up_to((weights * (score.sigmoid() - positive))[:, order], ends)
    got = reliability.calibration_error(gap, tp + fp, reliability.cuts_by_mass(tp + fp, bins))
    of = bins_of(score, weights, bins)
    for b, weight in enumerate(weights):
        errors = [float((weight * (score.sigmoid() - positive))[of[b] == j].sum().abs()) for j in range(bins)]
        assert float(got[b]) == pytest.approx(sum(errors) / float(weight.sum()), abs=1e-9)


def test_without_ties_bins_of_equal_mass_have_equally_many_rows() -> None:
    mass = torch.arange(1.0, 31.0).double()[None]
    cuts = reliability.cuts_by_mass(mass, 5)
    assert reliability.per_bin(mass, cuts).tolist() == [[6.0] * 5]


@pytest.mark.parametrize("seed", range(20))
def test_bins_of_equal_width_are_those_of_torchmetrics(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    score = 4 * torch.randn(200, generator=generator)
    positive = (torch.rand(200, generator=generator) < 0.4).double()
    tp, fp = counts(score.double(), positive, torch.ones(1, 200).double())
    order, ends = formulas.by_score(score.double())
    chance = score.double().sigmoid()[order]
    gap = formulas.up_to((chance - positive[order])[None], ends)
    cuts = reliability.cuts_by_width(chance[ends], 10, 1)
    got = reliability.calibration_error(gap, tp + fp, cuts)
    wanted = binary_calibration_error(score.sigmoid(), positive.long(), n_bins=10, norm="l1")
    assert float(got) == pytest.approx(float(wanted), abs=1e-5)


def test_the_curve_has_the_bins_that_have_rows_lowest_first() -> None:
    chance = torch.tensor([0.95, 0.15, 0.1]).double()
    mass, tp = torch.tensor([[1.0, 2.0, 4.0]]).double(), torch.tensor([[1.0, 1.0, 2.0]]).double()
    expected = (torch.tensor([1.0, 1.0, 2.0]) * chance).cumsum(0)[None]
    curve = reliability.curve(expected, tp, mass, reliability.cuts_by_width(chance, 5, 1))
    assert curve["predicted"].tolist() == pytest.approx([0.35 / 3, 0.95])
    assert curve["observed"].tolist() == pytest.approx([1 / 3, 1])
    assert curve["rows"].tolist() == [3, 1]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=60))
@settings(deadline=None)
def test_inversions_are_those_of_a_loop(ranks: list[int]) -> None:
    wanted = [sum(earlier > rank for earlier in ranks[:i]) for i, rank in enumerate(ranks)]
    assert inversions(torch.tensor(ranks)).tolist() == wanted


row = st.tuples(st.integers(0, 3), st.integers(-3, 3), st.integers(-3, 3))


@given(st.lists(row, min_size=1, max_size=60))
@settings(deadline=None)
def test_concordance_is_a_count_of_pairs(rows: list[tuple[int, int, int]]) -> None:
    groups = sorted({g for g, _, _ in rows})
    wanted = {g: [0, 0, 0] for g in groups}
    for i, (g, x, y) in enumerate(rows):
        for h, u, v in rows[:i]:
            if g == h:
                signs = (x > u) - (x < u), (y > v) - (y < v)
                for k, value in enumerate((signs[0] * signs[1], signs[0] != 0, signs[1] != 0)):
                    wanted[g][k] += int(value)
    place = torch.tensor([groups.index(g) for g, _, _ in rows])
    x, y = (torch.tensor([float(r[k]) for r in rows]) for k in (1, 2))
    got = torch.stack(concordance(x, y, place), 1).tolist()
    assert got == list(wanted.values())
