"""Means over the cells that count."""

from torch import Tensor

from recsys.types import Slate


def weight(slate: Slate) -> Tensor:
    """The weight of each cell, `[B, C]`: 0 where the mask is off."""
    mask = slate.mask.to(slate.labels.dtype)
    return mask if slate.weights is None else mask * slate.weights


def mean(values: Tensor, weights: Tensor) -> Tensor:
    """The weighted mean, a scalar; 0 where no weight is above 0.

    Args:
        values: finite everywhere, also where the weight is 0.
    """
    return (values * weights).sum() / weights.sum().clamp_min(1e-12)
