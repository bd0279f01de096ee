"""Independent source: Rendle et al. 2009, -log sigmoid of each difference, pair by pair in plain Python."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from recsys.loss.bpr import BPR
from recsys.types import Slate

Make = Callable[..., tuple[Tensor, Slate]]


def slow(logits: Tensor, slate: Slate) -> float:
    assert slate.weights is not None
    total = weight = 0.0
    for b, row in enumerate(slate.mask.tolist()):
        counted = [c for c, on in enumerate(row) if on]
        for i in (c for c in counted if slate.labels[b, c] > 0):
            for j in (c for c in counted if slate.labels[b, c] == 0):
                pair = float(slate.weights[b, i] * slate.weights[b, j])
                total += pair * math.log(1 + math.exp(-(logits[b, i] - logits[b, j])))
                weight += pair
    return total / weight if weight else 0.0


@pytest.mark.parametrize("seed", range(20))
def test_it_is_the_mean_over_all_pairs_of_a_row(random_slate: Make, seed: int) -> None:
    logits, slate = random_slate(seed)
    assert float(BPR()(logits, slate)) == pytest.approx(slow(logits, slate))


def test_one_positive_in_the_first_column(random_slate: Make) -> None:
    logits, slate = random_slate(0)
    labels = torch.zeros_like(logits)
    labels[:, 0] = 1
    slate = replace(slate, labels=labels)
    assert float(BPR()(logits, slate)) == pytest.approx(slow(logits, slate))


def test_one_positive_on_the_diagonal(random_slate: Make) -> None:
    logits, slate = random_slate(0, rows=6, columns=6)
    slate = replace(slate, labels=torch.eye(6, dtype=torch.float64))
    assert float(BPR()(logits, slate)) == pytest.approx(slow(logits, slate))


def test_moving_all_scores_of_a_row_changes_nothing(random_slate: Make) -> None:
    logits, slate = random_slate(4)
    moved = logits + torch.arange(len(logits))[:, None]
    torch.testing.assert_close(BPR()(moved, slate), BPR()(logits, slate))


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_a_row_with_one_class_has_no_pairs(random_slate: Make, label: float) -> None:
    logits, slate = random_slate(0)
    logits.requires_grad_()
    value = BPR()(logits, replace(slate, labels=torch.full_like(slate.labels, label)))
    value.backward()
    assert float(value.detach()) == 0
    assert logits.grad is not None
    assert not bool(logits.grad.any())
