"""Independent source: the formula in plain Python."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from recsys.loss.bce import BCE
from recsys.types import Slate


def slow(logits: Tensor, slate: Slate) -> float:
    assert slate.weights is not None
    total = weight = 0.0
    for b, c in slate.mask.nonzero().tolist():
        p = 1 / (1 + math.exp(-logits[b, c]))
        y, w = slate.labels[b, c].item(), slate.weights[b, c].item()
        total -= w * (y * math.log(p) + (1 - y) * math.log(1 - p))
        weight += w
    return total / weight


@pytest.mark.parametrize("seed", range(10))
def test_it_is_the_formula(random_slate: Callable[..., tuple[Tensor, Slate]], seed: int) -> None:
    logits, slate = random_slate(seed)
    assert float(BCE()(logits, slate)) == pytest.approx(slow(logits, slate))


def test_a_label_may_be_a_share(random_slate: Callable[..., tuple[Tensor, Slate]]) -> None:
    logits, slate = random_slate(0)
    slate = replace(slate, labels=torch.linspace(0, 1, logits.numel()).double().view(logits.shape))
    assert float(BCE()(logits, slate)) == pytest.approx(slow(logits, slate))


def test_a_logit_of_100_on_the_wrong_side_costs_100() -> None:
    slate = Slate(torch.tensor([0]), torch.tensor([[0]]), torch.zeros(1, 1), torch.ones(1, 1, dtype=torch.bool))
    assert float(BCE()(torch.tensor([[100.0]]), slate)) == pytest.approx(100)
