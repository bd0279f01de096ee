"""Independent source: torch's logsumexp over the cells alone, and finite differences."""

import math

import pytest
import torch

from recsys.nn import masked


@pytest.mark.parametrize("shape", [(7,), (5, 7)])
def test_the_sum_is_over_the_cells_and_its_gradient_holds(shape: tuple[int, ...]) -> None:
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(5, 7, generator=generator, dtype=torch.float64, requires_grad=True)
    plus = torch.randn(shape, generator=generator, dtype=torch.float64)
    cells = torch.rand(5, 7, generator=generator) < 0.6
    found = masked.logsumexp(values, cells, plus)
    for row, total in enumerate(found.tolist()):
        assert total == pytest.approx(float((values + plus).detach()[row, cells[row]].logsumexp(0)))
    assert torch.autograd.gradcheck(lambda given: masked.logsumexp(given, cells, plus), values)


def test_a_row_without_cells_is_minus_infinity_and_has_no_gradient() -> None:
    values = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    found = masked.logsumexp(values, torch.tensor([[False, False], [True, False]]))
    assert found.tolist() == [-math.inf, 3.0]
    found[1].backward()
    assert values.grad is not None
    assert values.grad.tolist() == [[0.0, 0.0], [1.0, 0.0]]


def test_far_from_zero_it_stays_finite() -> None:
    values = torch.tensor([[1e4, -1e4], [-1e4, -1e4]], requires_grad=True)
    found = masked.logsumexp(values, torch.ones(2, 2, dtype=torch.bool))
    torch.testing.assert_close(found, torch.tensor([1e4, math.log(2) - 1e4]))
    found.sum().backward()
    assert values.grad is not None
    assert values.grad.tolist() == [[1.0, 0.0], [0.5, 0.5]]


def test_halves_are_summed_as_floats() -> None:
    values = torch.zeros(1, 5000, dtype=torch.bfloat16, requires_grad=True)
    found = masked.logsumexp(values, torch.ones(1, 5000, dtype=torch.bool))
    assert found.tolist() == [pytest.approx(math.log(5000))]
    found.sum().backward()
    assert values.grad is not None
    assert values.grad.dtype == torch.bfloat16
