"""Independent source: torch's `mse_loss` on the cells that count, and the formula in plain Python."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.nn.functional import mse_loss

from recsys.loss.mse import MSE
from recsys.types import Slate

Make = Callable[..., tuple[Tensor, Slate]]


@pytest.mark.parametrize("seed", range(10))
def test_it_is_the_weighted_mean_of_squares(random_slate: Make, seed: int) -> None:
    logits, slate = random_slate(seed)
    assert slate.weights is not None
    cells = slate.mask.nonzero().tolist()
    total = sum(float(slate.weights[b, c] * (logits[b, c] - slate.labels[b, c]) ** 2) for b, c in cells)
    assert float(MSE()(logits, slate)) == pytest.approx(total / float(slate.weights[slate.mask].sum()))


@pytest.mark.parametrize("seed", range(5))
def test_without_weights_it_is_that_of_torch_for_amounts_of_any_size(random_slate: Make, seed: int) -> None:
    logits, slate = random_slate(seed)
    slate = replace(slate, labels=1000 * slate.labels - 400 * logits, weights=None)
    wanted = mse_loss(logits[slate.mask], slate.labels[slate.mask])
    torch.testing.assert_close(MSE()(logits, slate), wanted)
    assert torch.autograd.gradcheck(lambda x: MSE()(x, slate), logits.requires_grad_())
