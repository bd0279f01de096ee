"""Independent source: the formula in plain Python, and the full softmax that it estimates."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from recsys.loss.sampled_softmax import SampledSoftmax
from recsys.types import Slate

Make = Callable[..., tuple[Tensor, Slate]]


def slow(logits: Tensor, slate: Slate, *, correct: bool, temperature: float) -> float:
    assert slate.weights is not None
    total = weight = 0.0
    for b, row in enumerate(slate.mask.tolist()):
        counted = [c for c, on in enumerate(row) if on]
        negatives = [c for c in counted if slate.labels[b, c] == 0]
        draws = sum(slate.weights[b, c].item() for c in negatives)
        rivals = 0.0
        for c in negatives:
            q = slate.log_q[b, c].exp().item() if correct and slate.log_q is not None else 1 / draws
            rivals += slate.weights[b, c].item() * math.exp(logits[b, c] / temperature) / (q * draws)
        for c in counted:
            if slate.labels[b, c] > 0 and negatives:
                own = math.exp(logits[b, c] / temperature)
                total -= slate.weights[b, c].item() * math.log(own / (own + rivals))
                weight += slate.weights[b, c].item()
    return total / weight if weight else 0.0


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(("correct", "temperature"), [(True, 1.0), (True, 0.2), (False, 1.0), (False, 3.0)])
def test_it_is_the_formula(random_slate: Make, seed: int, *, correct: bool, temperature: float) -> None:
    logits, slate = random_slate(seed)
    expected = slow(logits, slate, correct=correct, temperature=temperature)
    assert float(SampledSoftmax(correct=correct, temperature=temperature)(logits, slate)) == pytest.approx(
        expected
    )


def test_candidates_that_rows_share_may_share_their_log_q(random_slate: Make) -> None:
    logits, slate = random_slate(0)
    assert slate.log_q is not None
    shared = replace(slate, log_q=slate.log_q[0])
    spread = replace(slate, log_q=slate.log_q[0].expand(logits.shape))
    torch.testing.assert_close(SampledSoftmax()(logits, shared), SampledSoftmax()(logits, spread))


def test_without_log_q_it_is_the_plain_softmax(random_slate: Make) -> None:
    logits, slate = random_slate(0)
    plain = SampledSoftmax(correct=False)(logits, slate)
    torch.testing.assert_close(SampledSoftmax()(logits, replace(slate, log_q=None)), plain)


def test_the_plain_softmax_is_cross_entropy_over_the_row() -> None:
    logits = torch.randn(7, 5, generator=torch.Generator().manual_seed(0))
    labels = torch.zeros(7, 5)
    labels[:, 0] = 1
    slate = Slate(torch.arange(7), torch.arange(5), labels, torch.ones(7, 5, dtype=torch.bool))
    expected = cross_entropy(logits, torch.zeros(7, dtype=torch.int64))
    torch.testing.assert_close(SampledSoftmax(correct=False)(logits, slate), expected)


def test_every_other_item_once_is_the_full_softmax() -> None:
    logits = torch.randn(7, 5, generator=torch.Generator().manual_seed(1))
    labels = torch.zeros(7, 5)
    labels[:, 2] = 1
    slate = Slate(
        torch.arange(7),
        torch.arange(5),
        labels,
        torch.ones(7, 5, dtype=torch.bool),
        log_q=torch.full((5,), -math.log(4)),
    )
    torch.testing.assert_close(SampledSoftmax()(logits, slate), cross_entropy(logits, torch.full((7,), 2)))


ITEMS, POSITIVE = 30, 4


def drawn(share: Tensor, draws: int) -> tuple[Tensor, Slate]:
    """The items of one row, the positive first, and its slate."""
    generator = torch.Generator().manual_seed(draws)
    negatives = torch.multinomial(share, draws, replacement=True, generator=generator)
    items = torch.cat([torch.tensor([POSITIVE]), negatives])
    labels = (torch.arange(draws + 1) == 0).double()[None]
    slate = Slate(
        torch.tensor([0]),
        items[None],
        labels,
        torch.ones_like(labels, dtype=torch.bool),
        log_q=share.log()[items],
    )
    return items, slate


def estimate(correct: bool, share: Tensor, scores: Tensor, draws: int) -> tuple[float, Tensor]:
    """Value, and gradient by item."""
    items, slate = drawn(share, draws)
    leaf = scores.clone().requires_grad_()
    value = SampledSoftmax(correct=correct)(leaf[items][None], slate)
    value.backward()
    assert leaf.grad is not None
    return float(value.detach()), leaf.grad


def shares(skewed: bool) -> Tensor:
    share = torch.arange(1, ITEMS + 1).double() ** (1.5 if skewed else 0.0)
    share[POSITIVE] = 0
    return share / share.sum()


@pytest.fixture
def scores() -> Tensor:
    return torch.randn(ITEMS, dtype=torch.float64, generator=torch.Generator().manual_seed(3))


def full(scores: Tensor) -> tuple[float, Tensor]:
    leaf = scores.clone().requires_grad_()
    value = cross_entropy(leaf[None], torch.tensor([POSITIVE]))
    value.backward()
    assert leaf.grad is not None
    return float(value.detach()), leaf.grad


@pytest.mark.parametrize("skewed", [False, True], ids=["uniform", "skewed"])
@pytest.mark.parametrize("draws", [1_000, 100_000])
def test_more_draws_come_closer_to_the_full_softmax(scores: Tensor, *, skewed: bool, draws: int) -> None:
    share = shares(skewed)
    value, slope = estimate(True, share, scores, draws)
    expected, expected_slope = full(scores)
    drawn_from = share > 0
    ratio = scores[drawn_from].exp() / share[drawn_from]
    mean = (share[drawn_from] * ratio).sum()
    spread = (share[drawn_from] * (ratio - mean) ** 2).sum().sqrt()
    # The delta method: the loss is log(e^s + sum), and the sum's standard error is spread / sqrt(N).
    error = float(spread / (mean + scores[POSITIVE].exp())) / math.sqrt(draws)
    assert abs(value - expected) < 4 * error
    # An item is drawn a Poisson number of times, whose relative error is 1 / sqrt(N q).
    relative = error + torch.where(drawn_from, 1 / (share * draws).sqrt(), 0)
    chance = float(scores.softmax(0)[POSITIVE])
    relative[POSITIVE] *= chance / (1 - chance)
    assert bool(((slope / expected_slope - 1).abs() < 4 * relative).all())


@pytest.mark.parametrize("skewed", [False, True], ids=["uniform", "skewed"])
def test_only_the_correction_makes_skewed_draws_right(scores: Tensor, *, skewed: bool) -> None:
    def pull(slope: Tensor) -> Tensor:
        return slope.index_fill(0, torch.tensor([POSITIVE]), 0) / -slope[POSITIVE]

    expected = pull(full(scores)[1])
    wrong = {}
    for correct in (True, False):
        slope = estimate(correct, shares(skewed), scores, 100_000)[1]
        wrong[correct] = float((pull(slope) - expected).abs().max())
    assert wrong[True] < 0.01
    assert (wrong[False] > 0.05) == skewed


def test_a_row_without_negatives_does_not_count() -> None:
    labels = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    mask = torch.tensor([[True, True], [True, False]])
    logits = torch.tensor([[0.5, 1.0], [3.0, 2.0]], requires_grad=True)
    slate = Slate(torch.arange(2), torch.arange(4).view(2, 2), labels, mask, log_q=torch.zeros(2, 2))
    value = SampledSoftmax()(logits, slate)
    value.backward()
    assert float(value.detach()) == pytest.approx(math.log(1 + math.exp(0.5)))
    assert logits.grad is not None
    assert logits.grad[1].tolist() == [0, 0]
