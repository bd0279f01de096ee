"""Independent source: Lin et al. 2017, eq. 5 in plain Python, and the examples of its section 3.2."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from recsys.loss.bce import BCE
from recsys.loss.focal import Focal
from recsys.types import Slate

Make = Callable[..., tuple[Tensor, Slate]]


def slow(logits: Tensor, slate: Slate, alpha: float | None, gamma: float) -> float:
    assert slate.weights is not None
    total = weight = 0.0
    for b, c in slate.mask.nonzero().tolist():
        p, y = 1 / (1 + math.exp(-logits[b, c])), slate.labels[b, c].item()
        p_t = p if y == 1 else 1 - p
        alpha_t = 1.0 if alpha is None else alpha if y == 1 else 1 - alpha
        total -= slate.weights[b, c].item() * alpha_t * (1 - p_t) ** gamma * math.log(p_t)
        weight += slate.weights[b, c].item()
    return total / weight


def one(label: float) -> Slate:
    return Slate(
        torch.tensor([0]), torch.tensor([[0]]), torch.tensor([[label]]), torch.ones(1, 1, dtype=torch.bool)
    )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("alpha", "gamma"), [(0.25, 2.0), (0.75, 0.5), (None, 1.0), (1.0, 5.0), (0.5, 0.0)])
def test_it_is_equation_5(random_slate: Make, seed: int, alpha: float | None, gamma: float) -> None:
    logits, slate = random_slate(seed)
    expected = slow(logits, slate, alpha, gamma)
    assert float(Focal(alpha=alpha, gamma=gamma)(logits, slate)) == pytest.approx(expected)


def test_without_alpha_and_gamma_it_is_cross_entropy(random_slate: Make) -> None:
    logits, slate = random_slate(0)
    torch.testing.assert_close(Focal(alpha=None, gamma=0.0)(logits, slate), BCE()(logits, slate))


@pytest.mark.parametrize(("chance", "lower"), [(0.9, 100), (0.968, 1000)])
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_right_cells_cost_as_much_less_as_the_paper_says(chance: float, lower: float, label: float) -> None:
    logits = torch.tensor([[math.log(chance / (1 - chance)) * (2 * label - 1)]])
    ratio = BCE()(logits, one(label)) / Focal(alpha=None, gamma=2.0)(logits, one(label))
    assert float(ratio) == pytest.approx(lower, rel=0.03)


@pytest.mark.parametrize("gamma", [0.0, 0.3, 1.0, 2.0])
@pytest.mark.parametrize("logit", [-100.0, -30.0, 0.0, 30.0, 100.0])
def test_every_gamma_has_a_finite_gradient(gamma: float, logit: float) -> None:
    logits = torch.tensor([[logit]], requires_grad=True)
    Focal(gamma=gamma)(logits, one(1.0)).backward()
    assert logits.grad is not None
    assert bool(logits.grad.isfinite().all())


def test_a_positive_far_on_the_wrong_side_costs_alpha_times_its_logit() -> None:
    value = Focal(alpha=0.25, gamma=2.0)(torch.tensor([[-100.0]]), one(1.0))
    assert float(value) == pytest.approx(25)
