"""Independent source: the formula in plain Python, and half the squared error, its limit for a large delta."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from recsys.loss.huber import Huber
from recsys.loss.mse import MSE
from recsys.types import Slate

Make = Callable[..., tuple[Tensor, Slate]]


def slow(logits: Tensor, slate: Slate, delta: float) -> float:
    assert slate.weights is not None
    total = weight = 0.0
    for b, c in slate.mask.nonzero().tolist():
        error = abs(float(logits[b, c] - slate.labels[b, c]))
        cost = error**2 / 2 if error <= delta else delta * (error - delta / 2)
        total += float(slate.weights[b, c]) * cost
        weight += float(slate.weights[b, c])
    return total / weight


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("delta", [0.3, 1.0, 2.5])
def test_it_is_the_formula(random_slate: Make, seed: int, delta: float) -> None:
    logits, slate = random_slate(seed)
    assert float(Huber(delta=delta)(logits, slate)) == pytest.approx(slow(logits, slate, delta))
    amounts = replace(slate, labels=30 * slate.labels)
    assert float(Huber(delta=delta)(logits, amounts)) == pytest.approx(slow(logits, amounts, delta))
    assert torch.autograd.gradcheck(lambda x: Huber(delta=delta)(x, amounts), logits.requires_grad_())


def test_with_a_large_delta_it_is_half_the_squared_error(random_slate: Make) -> None:
    logits, slate = random_slate(0)
    torch.testing.assert_close(2 * Huber(delta=1e3)(logits, slate), MSE()(logits, slate))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_cell_far_off_pulls_no_harder_than_delta(dtype: torch.dtype) -> None:
    logits = torch.tensor([[1e30, 3.0, 0.25]], dtype=dtype, requires_grad=True)
    labels = torch.zeros_like(logits)
    slate = Slate(torch.tensor([0]), torch.arange(3)[None], labels, torch.ones_like(labels, dtype=torch.bool))
    value = Huber(delta=2.0)(logits, slate)
    (slope,) = torch.autograd.grad(value, logits)
    assert bool(value.isfinite())
    assert slope.tolist() == [pytest.approx([2 / 3, 2 / 3, 0.25 / 3])]
