"""Independent source: the formula in plain Python."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from recsys.loss.balanced_bce import BalancedBCE
from recsys.types import Counts, Slate

Make = Callable[..., tuple[Tensor, Slate]]

COUNTS = Counts(torch.zeros(1), torch.zeros(1), 1, 1)


def slow(logits: Tensor, slate: Slate) -> float:
    assert slate.weights is not None
    total, weight = [0.0, 0.0], [0.0, 0.0]
    for b, c in slate.mask.nonzero().tolist():
        p = 1 / (1 + math.exp(-logits[b, c]))
        y, w = slate.labels[b, c].item(), slate.weights[b, c].item()
        for side, share, chance in ((1, y, p), (0, 1 - y, 1 - p)):
            total[side] -= w * share * math.log(chance)
            weight[side] += w * share
    return sum(0.5 * t / w for t, w in zip(total, weight, strict=True) if w)


@pytest.mark.parametrize("seed", range(10))
def test_it_is_the_formula(random_slate: Make, seed: int) -> None:
    logits, slate = random_slate(seed)
    assert float(BalancedBCE(COUNTS)(logits, slate)) == pytest.approx(slow(logits, slate))


def test_a_label_may_be_a_share(random_slate: Make) -> None:
    logits, slate = random_slate(0)
    slate = replace(slate, labels=torch.linspace(0, 1, logits.numel()).double().view(logits.shape))
    assert float(BalancedBCE(COUNTS)(logits, slate)) == pytest.approx(slow(logits, slate))


def test_more_negatives_of_the_same_kind_change_nothing(random_slate: Make) -> None:
    logits, slate = random_slate(1)
    assert slate.weights is not None
    heavier = replace(slate, weights=torch.where(slate.labels == 0, 7 * slate.weights, slate.weights))
    torch.testing.assert_close(BalancedBCE(COUNTS)(logits, heavier), BalancedBCE(COUNTS)(logits, slate))


def test_classes_pull_alike_where_nothing_is_known(random_slate: Make) -> None:
    logits, slate = random_slate(2)
    leaf = torch.zeros_like(logits, requires_grad=True)
    BalancedBCE(COUNTS)(leaf, slate).backward()
    assert leaf.grad is not None
    pull = leaf.grad[slate.labels == 1].sum(), leaf.grad[slate.labels == 0].sum()
    assert [float(p) for p in pull] == pytest.approx([-0.25, 0.25])


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_one_class_alone_has_half_the_weight(random_slate: Make, label: float) -> None:
    logits, slate = random_slate(3)
    slate = replace(slate, labels=torch.full_like(logits, label))
    assert float(BalancedBCE(COUNTS)(logits, slate)) == pytest.approx(slow(logits, slate))
