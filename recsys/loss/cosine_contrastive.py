"""Cosines of positives towards 1, those of negatives below a margin."""

from typing import final

from torch import Tensor

from recsys.loss import Loss
from recsys.nn import masked
from recsys.types import Need, NonNegative, Slate


@final
class CosineContrastive(Loss):
    """(1 - s_positive) + weight * mean over negatives of max(0, s_negative - margin), mean over positives.

    Mao et al. 2021, "SimpleX: A Simple and Strong Baseline for Collaborative Filtering", eq. 1. The logits
    have to be cosines: model.normalized=true, model.temperature=1 of mf, lightgcn, graphsage and two_tower; of
    others it is a hinge whose scale means nothing, max(0, 1 - s) for the positive.

    Args:
        margin: below which a negative costs nothing.
        weight: of the negatives.
    """

    needs = (Need("sampling.row", "it sets a positive against negatives of the same user"),)

    def __init__(self, *, margin: NonNegative = 0.4, weight: NonNegative = 1.0) -> None:
        super().__init__()
        self.margin, self.weight = margin, weight

    def forward(self, logits: Tensor, slate: Slate) -> Tensor:
        """The loss, a scalar."""
        weights, positive = masked.weight(slate), slate.labels > 0
        against = weights * ~positive
        share = against / against.sum(1, keepdim=True).clamp_min(1e-12)
        apart = ((logits - self.margin).relu() * share).sum(1, keepdim=True)
        return masked.mean((1 - logits).relu() + self.weight * apart, weights * positive)
