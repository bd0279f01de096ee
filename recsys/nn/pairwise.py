"""Means over pairs of a positive and a negative within a row."""

from collections.abc import Callable

import torch
from torch import Tensor

from recsys.nn import masked
from recsys.types import Slate


def mean(logits: Tensor, slate: Slate, cost: Callable[[Tensor], Tensor]) -> Tensor:
    """The weighted mean of cost(s_negative - s_positive), a scalar; a pair weighs the product of its two cells.

    A cell is positive where its label is above 0.

    Args:
        cost: elementwise, finite everywhere.
    """
    weights, positive = masked.weight(slate), slate.labels > 0
    total, pairs = logits.sum() * 0.0, logits.new_zeros(())
    against = weights * ~positive
    for place in positives(positive & (weights > 0)):
        score = logits.gather(1, place.clamp_min(0)[:, None])
        own = weights.gather(1, place.clamp_min(0)[:, None]) * (place >= 0)[:, None]
        pair = own * against
        total = total + (cost(logits - score) * pair).sum()
        pairs = pairs + pair.sum()
    return total / pairs.clamp_min(1e-12)


def positives(cells: Tensor) -> list[Tensor]:
    """The columns of the first, second, … positive of each row, each `[B]`; -1 where a row has no more."""
    most = int(cells.sum(1).max()) if cells.numel() else 0
    if most <= 1:
        place = cells.to(torch.uint8).argmax(1)
        return [torch.where(cells.any(1), place, -1)] if most else []
    number = cells.long().cumsum(1)
    return [
        torch.where(number[:, -1] > n, (cells & (number == n + 1)).to(torch.uint8).argmax(1), -1)
        for n in range(most)
    ]
