"""Independent source: the sum over tasks and cells in numpy; Kendall, Gal and Cipolla 2018, eq. 7 and 10."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from recsys.loss import Loss
from recsys.loss.focal import Focal
from recsys.loss.mse import MSE
from recsys.loss.multi_task import MultiTaskLoss
from recsys.types import Schema, Slate, Task, UserError

SCHEMA = Schema(3, 4, (), (Task("click"), Task("dwell", amount=True), Task("like")))


def batch() -> tuple[Tensor, Slate]:
    generator = torch.Generator().manual_seed(3)
    shape = (3, 2)
    click = (torch.rand(shape, generator=generator) < 0.5).double()
    like = torch.where(torch.rand(shape, generator=generator) < 0.5, torch.nan, 1 - click)
    dwell = torch.randn(shape, generator=generator, dtype=torch.float64)
    slate = Slate(
        user=torch.tensor([0, 1, 2]),
        items=torch.tensor([[0, 1], [2, 3], [1, 2]]),
        labels=click,
        mask=torch.tensor([[True, True], [True, False], [True, True]]),
        weights=torch.rand(shape, generator=generator, dtype=torch.float64),
        tasks={"click": click, "dwell": dwell, "like": like},
    )
    return torch.randn(*shape, 3, generator=generator, dtype=torch.float64), slate


def slow(logits: Tensor, slate: Slate) -> list[float]:
    """The loss of each task, cell by cell."""
    losses = []
    assert slate.weights is not None
    for place, (name, labels) in enumerate(slate.tasks.items()):
        total = weight = 0.0
        for row, column in zip(*np.nonzero(slate.mask.numpy()), strict=True):
            label, logit = float(labels[row, column]), float(logits[row, column, place])
            if not np.isnan(label):
                of_cell = float(slate.weights[row, column])
                chance = 1 / (1 + np.exp(-logit))
                cell = -label * np.log(chance) - (1 - label) * np.log(1 - chance)
                total += of_cell * (0.5 * (logit - label) ** 2 if name == "dwell" else cell)
                weight += of_cell
        losses.append(total / weight)
    return losses


def test_it_is_the_weighted_sum_of_the_tasks_losses_over_the_cells_that_have_a_label() -> None:
    logits, slate = batch()
    click, dwell, like = slow(logits, slate)
    loss = MultiTaskLoss(SCHEMA, weights={"dwell": 0.5, "like": 3.0})
    assert float(loss(logits, slate)) == pytest.approx(click + 0.5 * dwell + 3 * like)


def test_a_task_can_have_a_loss_of_its_own() -> None:
    logits, slate = batch()
    assert slate.tasks["like"].isnan().any()
    own = MultiTaskLoss(SCHEMA, tasks={"like": Focal()}, weights={"click": 0.0, "dwell": 0.0})
    labels = slate.tasks["like"]
    alone = replace(slate, labels=labels.nan_to_num(), mask=slate.mask & ~labels.isnan())
    assert own(logits, slate).item() == pytest.approx(Focal()(logits[..., 2], alone).item())


def test_uncertainty_weighs_by_learned_variances() -> None:
    logits, slate = batch()
    click, dwell, like = slow(logits, slate)
    loss = MultiTaskLoss(SCHEMA, weighting="uncertainty").double()
    spread = torch.tensor([0.3, -0.2, 1.0], dtype=torch.float64)
    assert loss.log_variance is not None
    loss.log_variance.data = spread
    expected = np.exp(-spread.numpy()) @ np.array([click, dwell, like]) + 0.5 * float(spread.sum())
    assert loss(logits, slate).item() == pytest.approx(expected)
    loss(logits, slate).backward()
    assert loss.log_variance.grad is not None
    assert (loss.log_variance.grad != 0).all()


def test_the_gradient_is_that_of_the_value_and_stays_finite_at_large_logits() -> None:
    logits, slate = batch()
    loss = MultiTaskLoss(SCHEMA, weighting="uncertainty").double()
    assert torch.autograd.gradcheck(lambda x: loss(x, slate), logits.requires_grad_())
    far = (100 * logits.detach().sign()).requires_grad_()
    value = loss(far, slate)
    value.backward()
    assert value.isfinite()
    assert far.grad is not None
    assert far.grad.isfinite().all()


def test_a_task_that_is_not_there_is_named() -> None:
    with pytest.raises(
        UserError, match=r"loss\.weights\.hide: there is no such task; choose among click, dwell"
    ):
        MultiTaskLoss(SCHEMA, weights={"hide": 1.0})


PAIR = Schema(3, 4, (), (Task("often"), Task("seldom")))


def twice(often: Tensor, seldom: Tensor) -> Slate:
    """Cells whose labels of two tasks are given, `[B, 1]`."""
    cells = torch.zeros_like(often, dtype=torch.int64)
    mask = torch.ones_like(often, dtype=torch.bool)
    return Slate(cells[:, 0], cells, often, mask, tasks={"often": often, "seldom": seldom})


def test_where_no_cell_counts_it_is_zero_with_zero_gradient() -> None:
    logits, slate = batch()
    loss = MultiTaskLoss(SCHEMA, weighting="uncertainty").double()
    assert loss.log_variance is not None
    loss.log_variance.data.fill_(0.7)
    nothing = {"mask": torch.zeros_like(slate.mask), "weights": torch.zeros_like(slate.labels)}
    for off in ("mask", "weights"):
        value = loss(logits.requires_grad_(), replace(slate, **{off: nothing[off]}))
        of_logits, of_variances = torch.autograd.grad(value, [logits, loss.log_variance])
        assert value == 0
        assert not of_logits.any()
        assert not of_variances.any()


def test_a_task_labelled_in_one_batch_of_ten_is_weighed_as_one_of_equal_loss_that_always_is() -> None:
    logits, label = torch.ones(4, 1, 2), torch.zeros(4, 1)
    often, both = twice(label, torch.full_like(label, torch.nan)), twice(label, label)
    loss = MultiTaskLoss(PAIR, weighting="uncertainty")
    assert loss.log_variance is not None
    optimizer = torch.optim.SGD(loss.parameters(), lr=0.2)
    for step in range(2000):
        optimizer.zero_grad()
        loss(logits, often if step % 10 else both).backward()
        optimizer.step()
    expected = 2 * np.log(1 + np.e)
    np.testing.assert_allclose(loss.log_variance.detach().exp(), [expected, expected], rtol=1e-4)


@pytest.mark.parametrize("own", [{}, {"dwell": MSE()}], ids=["half the square", "mse"])
def test_the_variance_of_amounts_that_is_learned_is_their_mean_squared_residual(own: dict[str, Loss]) -> None:
    """Eq. 7, |y - f|^2 / (2 sigma^2) + log sigma, is least at sigma^2 = |y - f|^2."""
    residual = torch.tensor([[1.0], [-2.0], [3.0], [-1.0]])
    cells = torch.zeros(4, 1, dtype=torch.int64)
    slate = Slate(cells[:, 0], cells, residual, cells == 0, tasks={"dwell": residual})
    schema = Schema(3, 4, (), (Task("dwell", amount=True),))
    loss = MultiTaskLoss(schema, tasks=own, weighting="uncertainty")
    assert loss.log_variance is not None
    optimizer = torch.optim.SGD(loss.parameters(), lr=0.2)
    for _ in range(500):
        optimizer.zero_grad()
        loss(torch.zeros(4, 1, 1), slate).backward()
        optimizer.step()
    assert loss.log_variance.exp().item() == pytest.approx((1 + 4 + 9 + 1) / 4, rel=1e-4)
    eq_7 = (residual.square() / (2 * 3.75)).mean() + 0.5 * np.log(3.75)
    assert loss(torch.zeros(4, 1, 1), slate).item() == pytest.approx(eq_7.item(), rel=1e-4)
