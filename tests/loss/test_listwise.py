"""Independent source: each paper's formula as loops over rows and cells."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from recsys.loss import Loss
from recsys.loss.approx_ndcg import ApproxNDCG
from recsys.loss.balanced_bce import BalancedBCE
from recsys.loss.cosine_contrastive import CosineContrastive
from recsys.loss.hinge import Hinge
from recsys.loss.infonce import InfoNCE
from recsys.loss.lambdarank import LambdaRank
from recsys.loss.softmax_ce import SoftmaxCE
from recsys.loss.warp import WARP
from recsys.nn import anchors
from recsys.types import Counts, Schema, Slate

Make = Callable[..., tuple[Tensor, Slate]]
Row = list[tuple[float, float, float]]
"""Score, label and weight of the cells of a row that count."""


def rows(logits: Tensor, slate: Slate) -> list[Row]:
    assert slate.weights is not None
    return [
        [
            (s, y, w)
            for s, y, w, on in zip(
                logits[b].tolist(),
                slate.labels[b].tolist(),
                slate.weights[b].tolist(),
                slate.mask[b].tolist(),
                strict=True,
            )
            if on
        ]
        for b in range(len(logits))
    ]


def ratio(terms: list[tuple[float, float]]) -> float:
    return sum(cost * weight for cost, weight in terms) / sum(weight for _, weight in terms)


def hinge(given: list[Row]) -> float:
    return ratio(
        [
            (max(0.0, 0.5 - (s - t)), w * v)
            for row in given
            for s, y, w in row
            if y > 0
            for t, z, v in row
            if z <= 0
        ]
    )


def warp(given: list[Row]) -> float:
    terms = []
    for row in given:
        for s, y, w in row:
            if y > 0:
                cost, trials = 0.0, 0.0
                for t, z, v in row:
                    if z <= 0:
                        if t > s - 1:
                            rank = (40 - 1) // (math.floor(trials) + 1)
                            cost = sum(1 / k for k in range(1, rank + 1)) * (1 - s + t)
                            break
                        trials += v
                terms.append((cost, w))
    return ratio(terms)


def softmax_ce(given: list[Row]) -> float:
    terms = []
    for row in given:
        total = sum(w * math.exp(s / 0.7) for s, _, w in row)
        terms += [(math.log(total) - s / 0.7, w * (2**y - 1)) for s, y, w in row if y > 0]
    return ratio(terms)


def best(row: Row, k: int) -> float:
    gains = sorted((2**y - 1 for _, y, _ in row), reverse=True)
    return sum(g / math.log2(n + 2) for n, g in enumerate(gains[:k]))


def lambdarank(given: list[Row]) -> float:
    terms = []
    for row in given:
        ranks = {i: n + 1 for n, i in enumerate(sorted(range(len(row)), key=lambda i: -row[i][0]))}
        worth = {i: 1 / math.log2(1 + r) if r <= 3 else 0.0 for i, r in ranks.items()}
        costs = []
        for i, (s, y, w) in enumerate(row):
            for j, (t, z, v) in enumerate(row):
                if y > z and worth[i] != worth[j]:
                    change = abs((2**y - 2**z) * (worth[i] - worth[j])) / best(row, 3)
                    costs.append((change * math.log1p(math.exp(-1.5 * (s - t))), w * v))
        positives = [w for _, y, w in row if y > 0]
        if costs:
            terms.append((ratio(costs) * len(costs), sum(positives) / len(positives)))
    return ratio(terms)


def approx_ndcg(given: list[Row]) -> float:
    terms = []
    for row in given:
        positives = [w for _, y, w in row if y > 0]
        if positives:
            found = 0.0
            for i, (s, y, _) in enumerate(row):
                rank = 1 + sum(1 / (1 + math.exp(-(t - s) / 0.5)) for j, (t, _, _) in enumerate(row) if j != i)
                found += (2**y - 1) / math.log2(1 + rank)
            terms.append((1 - found / best(row, len(row)), sum(positives) / len(positives)))
    return ratio(terms)


def infonce(given: list[Row]) -> float:
    terms = []
    for row in given:
        rivals = sum(v * math.exp(t / 0.7) for t, z, v in row if z <= 0)
        if rivals:
            terms += [(math.log(1 + rivals / math.exp(s / 0.7)), w) for s, y, w in row if y > 0]
    return ratio(terms)


def cosine(given: list[Row]) -> float:
    terms = []
    for row in given:
        negatives = [(max(0.0, t - 0.3), v) for t, z, v in row if z <= 0]
        apart = ratio(negatives) if negatives else 0.0
        terms += [(max(0.0, 1 - s) + 2 * apart, w) for s, y, w in row if y > 0]
    return ratio(terms)


LOSSES: list[tuple[Loss, Callable[[list[Row]], float]]] = [
    (Hinge(margin=0.5), hinge),
    (WARP(Schema(5, 40, ())), warp),
    (SoftmaxCE(gain="exponential", temperature=0.7), softmax_ce),
    (LambdaRank(k=3, sigma=1.5), lambdarank),
    (ApproxNDCG(temperature=0.5), approx_ndcg),
    (InfoNCE(temperature=0.7), infonce),
    (CosineContrastive(margin=0.3, weight=2.0), cosine),
]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("loss", "slow"), LOSSES, ids=lambda part: getattr(part, "__name__", None))
def test_it_is_the_papers_formula(
    loss: Loss, slow: Callable[[list[Row]], float], random_slate: Make, seed: int
) -> None:
    logits, slate = random_slate(seed)
    grades = torch.randint(1, 4, slate.labels.shape, generator=torch.Generator().manual_seed(seed))
    slate = replace(slate, labels=slate.labels * grades)
    assert loss(logits, slate).item() == pytest.approx(slow(rows(logits, slate)))


def test_symmetric_contrast_also_sets_queries_against_each_other(random_slate: Make) -> None:
    logits, slate = random_slate(0, rows=6)
    labels = torch.eye(6, dtype=torch.float64)
    shared = replace(slate, items=torch.arange(6), labels=labels)
    assert shared.weights is not None
    turned = replace(shared, labels=labels.T, mask=shared.mask.T, weights=shared.weights.T)
    expected = 0.5 * (infonce(rows(logits, shared)) + infonce(rows(logits.T, turned)))
    assert InfoNCE(temperature=0.7)(logits, shared).item() == pytest.approx(expected)
    assert InfoNCE(temperature=0.7, symmetric=False)(logits, shared).item() == pytest.approx(
        infonce(rows(logits, shared))
    )


@pytest.mark.parametrize("by", ["counts", "effective"])
def test_class_weights_come_from_the_training_rows(random_slate: Make, by: str) -> None:
    logits, slate = random_slate(0)
    positives, negatives, beta = 20, 180, 0.99
    loss = BalancedBCE(Counts(torch.zeros(5), torch.zeros(6), positives, negatives), by=by, beta=beta)  # type: ignore[arg-type]
    sizes = [positives, negatives]
    if by == "effective":
        sizes = [(1 - beta**n) / (1 - beta) for n in sizes]
    shares = [2 / n / (1 / sizes[0] + 1 / sizes[1]) for n in sizes]
    terms = [
        (shares[0] * math.log1p(math.exp(-s)) if y else shares[1] * math.log1p(math.exp(s)), w)
        for row in rows(logits, slate)
        for s, y, w in row
    ]
    assert loss(logits, slate).item() == pytest.approx(ratio(terms))


LISTS = [LambdaRank(k=3, sigma=1.5), LambdaRank(), ApproxNDCG(temperature=0.5)]


@pytest.mark.parametrize("loss", LISTS, ids=["lambdarank@3", "lambdarank", "approx_ndcg"])
def test_a_row_of_twice_the_weight_counts_twice(loss: Loss, random_slate: Make) -> None:
    logits, slate = random_slate(1)
    assert slate.weights is not None
    twice = replace(slate, weights=slate.weights * torch.tensor([[1.0], [1], [2], [1], [1]]))
    torch.testing.assert_close(loss(logits, replace(slate, weights=2 * slate.weights)), loss(logits, slate))

    def of(rows: list[int]) -> tuple[Tensor, Slate]:
        assert slate.weights is not None
        cut = replace(
            slate,
            user=slate.user[rows],
            items=slate.items[rows],
            labels=slate.labels[rows],
            mask=slate.mask[rows],
            weights=slate.weights[rows],
        )
        return logits[rows], cut

    assert ((slate.labels > 0) & slate.mask)[2].any()
    torch.testing.assert_close(loss(logits, twice), loss(*of([0, 1, 2, 2, 3, 4])))


@pytest.mark.parametrize("loss", LISTS, ids=["lambdarank@3", "lambdarank", "approx_ndcg"])
def test_a_positive_of_weight_three_is_three_rows(loss: Loss) -> None:
    """As sampling makes them: a row's weight is its positive's, what was drawn beside it weighs 1."""
    logits = torch.tensor([[0.2, 1.0, -0.4], [1.5, 0.3, 0.9]], dtype=torch.float64)
    labels = torch.tensor([[1.0, 0, 0], [1, 0, 0]], dtype=torch.float64)
    weights = torch.tensor([[3.0, 1, 1], [1, 1, 1]], dtype=torch.float64)

    def of(rows: list[int], weights: Tensor | None) -> Tensor:
        mask = torch.ones(len(rows), 3, dtype=torch.bool)
        slate = Slate(torch.tensor(rows), torch.arange(3).expand(len(rows), 3), labels[rows], mask, weights)
        return loss(logits[rows], slate)

    torch.testing.assert_close(of([0, 1], weights), of([0, 0, 0, 1], None))


class Largest(TorchDispatchMode):
    """The most numbers that any tensor had which was made within."""

    numbers = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        for one in made if isinstance(made, (tuple, list)) else (made,):
            if isinstance(one, Tensor):
                self.numbers = max(self.numbers, one.numel())
        return made


@pytest.mark.parametrize("pairs", [3, 20, 100])
@pytest.mark.parametrize("loss", LISTS, ids=["lambdarank@3", "lambdarank", "approx_ndcg"])
def test_pairs_in_blocks_are_the_pairs_at_once(
    loss: Loss, random_slate: Make, pairs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    logits, slate = random_slate(2, rows=5, columns=7)
    logits.requires_grad_()
    whole = loss(logits, slate)
    (slope,) = torch.autograd.grad(whole, logits)
    monkeypatch.setattr(anchors, "PAIRS", pairs)
    with Largest() as largest:
        blocks = loss(logits, slate)
        (again,) = torch.autograd.grad(blocks, logits)
    torch.testing.assert_close(blocks, whole)
    torch.testing.assert_close(again, slope)
    # A block has at least the pairs of one cell; beside blocks there are tensors [B, C], at most three in one.
    assert largest.numbers <= max(pairs, 7, 3 * 5 * 7) < 5 * 7 * 7
    assert torch.autograd.gradcheck(lambda x: loss(x, slate), logits)


@pytest.mark.parametrize("loss", [SoftmaxCE(gain="exponential"), LambdaRank(), ApproxNDCG()])
@pytest.mark.parametrize("label", [30.0, 127.0, 128.0, 200.0, 1e30])
def test_gains_of_large_labels_leave_value_and_gradient_finite(loss: Loss, label: float) -> None:
    logits = torch.tensor([[2.0, 1.0, 0.0], [0.0, 1.0, 2.0]], requires_grad=True)
    labels = torch.tensor([[0.0, 3.0, label], [0.0, 3.0, label]])
    slate = Slate(torch.arange(2), torch.arange(3).expand(2, 3), labels, labels >= 0)
    value = loss(logits, slate)
    (slope,) = torch.autograd.grad(value, logits)
    assert value.isfinite()
    assert slope.isfinite().all()
    assert (slope[:, 2] < 0).all()
