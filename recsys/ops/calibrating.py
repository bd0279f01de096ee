"""Maximum likelihood for maps from logits to logits."""

import math
from collections.abc import Iterator
from itertools import combinations

import torch
from torch import Tensor
from torch.nn.functional import softplus

from recsys.types import UserError

ROUNDS, HALVINGS = 100, 40


def require_both(logit: Tensor, label: Tensor) -> None:
    """Refuse rows that nothing can be fitted to.

    Raises:
        UserError: all rows have one label, or a logit is no finite number.
    """
    positive = label > 0
    if bool(positive.all()) or not bool(positive.any()):
        found = (
            f"all {len(label):,} rows are labelled {int(positive.any())}" if len(label) else "there are no rows"
        )
        raise UserError(
            f"calibration: {found} in the validation part, and both labels are needed; hold out more with "
            "split.valid, or choose calibration=none"
        )
    if not bool(logit.isfinite().all()):
        raise UserError("calibration: a score is no finite number; lower optimizer.lr, or clip gradients")


def smoothed(label: Tensor) -> Tensor:
    """Platt's targets, `[N]`: (P + 1) / (P + 2) for each of P positives, 1 / (N + 2) for each of N negatives.

    Platt 1999, "Probabilistic Outputs for Support Vector Machines": with them the likelihood has
    a finite maximum also where the scores part the labels.
    """
    positive = label > 0
    n_positive = int(positive.sum())
    n_negative = len(label) - n_positive
    high, low = (n_positive + 1) / (n_positive + 2), 1 / (n_negative + 2)
    return torch.where(positive, high, low).to(label)


def maximise(columns: Tensor, target: Tensor, *, bounded: int) -> list[float]:
    """The weights w that maximise sum(t log p + (1 - t) log(1 - p)), p = sigmoid(columns @ w).

    The likelihood is concave: where the best weights are negative that must not be, the best of those with
    some of them at 0 is the best of all.

    Args:
        columns: `[N, K]` float64.
        target: `[N]` float64, strictly between 0 and 1.
        bounded: the first so many weights are 0 or above.
    """
    scale = columns.square().mean(0).sqrt()
    scale = torch.where(scale > 0, scale, 1.0)
    best, lowest = torch.zeros_like(scale), math.inf
    for kept in _subsets(columns.shape[1], bounded):
        weights = torch.zeros_like(scale)
        weights[kept] = _newton(columns[:, kept] / scale[kept], target)
        loss = float(_loss(columns / scale @ weights, target))
        if bool((weights[:bounded] >= 0).all()) and loss < lowest:
            best, lowest = weights, loss
            if len(kept) == len(scale):
                break
    return (best / scale).tolist()


def _subsets(n: int, bounded: int) -> Iterator[list[int]]:
    """The places of all weights, then of all but some of the bounded ones."""
    for left_out in range(bounded + 1):
        for zero in combinations(range(bounded), left_out):
            yield [place for place in range(n) if place not in zero]


def _newton(columns: Tensor, target: Tensor) -> Tensor:
    """Newton's method with halved steps: Lin, Lin and Weng 2007, "A note on Platt's probabilistic outputs"."""
    weights = columns.new_zeros(columns.shape[1])
    loss = _loss(columns @ weights, target)
    for _ in range(ROUNDS):
        p = (columns @ weights).sigmoid()
        gradient = columns.T @ (p - target) / len(target)
        curvature = columns.T @ (columns * (p * (1 - p))[:, None]) / len(target)
        step = torch.linalg.pinv(curvature, hermitian=True) @ gradient
        expected, size = float(gradient @ step), 1.0
        if expected <= 1e-24:
            break
        for _ in range(HALVINGS):
            after = _loss(columns @ (weights - size * step), target)
            if after <= loss - 1e-4 * size * expected:
                break
            size /= 2
        else:
            break
        weights, loss = weights - size * step, after
    return weights


def _loss(logit: Tensor, target: Tensor) -> Tensor:
    """Mean of -(t log p + (1 - t) log(1 - p)), a scalar."""
    return (softplus(logit) - target * logit).mean()
