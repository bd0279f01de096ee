"""Every loss of conf/loss: only cells under the mask count, a weight is a number of copies, no logit breaks it.

Independent source: finite differences (gradcheck), and slates in which a cell is written as often as it weighs.
"""

import inspect
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hydra.utils import get_class
from omegaconf import OmegaConf
from torch import Tensor

from recsys.loss import Loss
from recsys.loss.approx_ndcg import ApproxNDCG
from recsys.loss.lambdarank import LambdaRank
from recsys.types import Counts, Schema, Slate

FILES = sorted(
    file for file in (Path(__file__).parents[2] / "conf" / "loss").glob("*.yaml") if file.stem != "multi_task"
)
"""One label each; a loss of several tasks is made of these: tests/loss/test_multi_task.py."""
Make = Callable[..., tuple[Tensor, Slate]]


NOUNS = {"schema": Schema(5, 40, ()), "counts": Counts(torch.zeros(5), torch.zeros(6), 20, 80)}


@pytest.fixture(params=FILES, ids=lambda file: file.stem)
def loss(request: pytest.FixtureRequest) -> Loss:
    config: dict[str, Any] = OmegaConf.to_container(OmegaConf.load(request.param))  # type: ignore[assignment]
    target = get_class(config.pop("_target_"))
    asked = inspect.signature(target).parameters
    return target(*(noun for name, noun in NOUNS.items() if name in asked), **config)


def gradient(loss: Loss, logits: Tensor, slate: Slate) -> tuple[Tensor, Tensor]:
    leaf = logits.detach().clone().requires_grad_()
    value = loss(leaf, slate)
    (slope,) = torch.autograd.grad(value, leaf)
    return value.detach(), slope


@pytest.mark.parametrize("seed", range(5))
def test_the_gradient_is_that_of_the_value(loss: Loss, random_slate: Make, seed: int) -> None:
    logits, slate = random_slate(seed)
    assert torch.autograd.gradcheck(lambda x: loss(x, slate), logits.requires_grad_())


@pytest.mark.parametrize("seed", range(5))
def test_a_masked_cell_has_no_part_in_it(loss: Loss, random_slate: Make, seed: int) -> None:
    logits, slate = random_slate(seed)
    value, slope = gradient(loss, logits, slate)
    assert torch.equal(slope[~slate.mask], torch.zeros_like(slope[~slate.mask]))
    assert slope.abs().sum() > 0
    hidden = ~slate.mask
    assert slate.weights is not None
    assert slate.log_q is not None
    changed = replace(
        slate,
        labels=torch.where(hidden, 1 - slate.labels, slate.labels),
        weights=torch.where(hidden, 50.0, slate.weights),
        log_q=torch.where(hidden, -torch.inf, slate.log_q),
    )
    again, again_slope = gradient(loss, torch.where(hidden, 80.0, logits), changed)
    torch.testing.assert_close(again, value)
    torch.testing.assert_close(again_slope, slope)


@pytest.mark.parametrize("seed", range(5))
def test_a_weight_is_a_number_of_copies(loss: Loss, random_slate: Make, seed: int) -> None:
    if isinstance(loss, (LambdaRank, ApproxNDCG)):
        pytest.skip("a copy is one more rank there; weights of pairs and rows: their own tests")
    logits, slate = random_slate(seed)
    generator = torch.Generator().manual_seed(seed)
    copies = torch.randint(0, 4, logits.shape, generator=generator)
    kept = slate.mask[..., None] & (torch.arange(3) < copies[..., None])
    assert slate.log_q is not None
    repeated = replace(
        slate,
        items=slate.items.repeat_interleave(3, 1),
        labels=slate.labels.repeat_interleave(3, 1),
        mask=kept.flatten(1),
        weights=None,
        log_q=slate.log_q.repeat_interleave(3, 1),
    )
    weighted = loss(logits, replace(slate, weights=copies.double()))
    torch.testing.assert_close(weighted, loss(logits.repeat_interleave(3, 1), repeated))


def test_no_weights_are_weights_of_one(loss: Loss, random_slate: Make) -> None:
    logits, slate = random_slate(0)
    ones = replace(slate, weights=torch.ones_like(logits))
    torch.testing.assert_close(loss(logits, replace(slate, weights=None)), loss(logits, ones))


@pytest.mark.parametrize("off", ["mask", "weights"])
def test_where_nothing_counts_it_is_zero_with_zero_gradient(loss: Loss, random_slate: Make, off: str) -> None:
    logits, slate = random_slate(0)
    empty = {"mask": torch.zeros_like(slate.mask), "weights": torch.zeros_like(slate.labels)}
    value, slope = gradient(loss, logits, replace(slate, **{off: empty[off]}))
    assert value == 0
    assert torch.equal(slope, torch.zeros_like(slope))


@pytest.mark.parametrize("size", [30.0, 100.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_large_logits_leave_value_and_gradient_finite(
    loss: Loss, random_slate: Make, size: float, dtype: torch.dtype
) -> None:
    for seed in range(4):
        logits, slate = random_slate(seed)
        logits = (logits.sign() * size).to(dtype)
        value, slope = gradient(loss, logits, slate)
        assert bool(value.isfinite())
        assert bool(slope.isfinite().all())
        assert value >= 0


def test_a_worse_score_of_a_positive_costs_more(loss: Loss) -> None:
    labels = torch.tensor([[1.0, 0.0, 0.0]])
    slate = Slate(torch.tensor([0]), torch.arange(3)[None], labels, torch.ones_like(labels, dtype=torch.bool))
    values = [loss(torch.tensor([[score, 0.0, 0.0]]), slate) for score in (1.0, 0.0, -2.0, -20.0)]
    assert values == sorted(values)
    assert len(set(map(float, values))) == 4
