"""What DCG is made of, for losses of ranks."""

import torch
from torch import Tensor

LARGEST = 60
"""The sum of so large gains is finite in 32 bits, and cells 24 grades lower vanish in it."""


def gain(labels: Tensor) -> Tensor:
    """2^label - 1; 0 below 0, and that of `LARGEST` above it."""
    return labels.clamp(0, LARGEST).exp2() - 1


def ideal(labels: Tensor, counts: Tensor, depth: int | None) -> Tensor:
    """The highest DCG of each row, `[B]`, of the cells that count `[B, C]` bool, at most `depth` positions."""
    best = (gain(labels) * counts).sort(1, descending=True).values
    places = torch.arange(2, best.shape[1] + 2, device=best.device, dtype=best.dtype).log2()
    worth = best / places
    return (worth if depth is None else worth[:, :depth]).sum(1)
