"""Weighted approximate-rank pairwise loss."""

from typing import final

import torch
from torch import Tensor

from recsys.loss import Loss
from recsys.nn import masked
from recsys.types import Need, Positive, Schema, Slate


@final
class WARP(Loss):
    """L(rank) max(0, margin - s_positive + s_negative) at the first negative that violates the margin.

    Weston, Bengio and Usunier 2011, "WSABIE: Scaling Up To Large Vocabulary Image Annotation", algorithm 1:
    the row's negatives are tried in their order; found at trial n, the positive's rank is estimated as
    floor((items - 1) / n), and L(k) = 1 + 1/2 + ... + 1/k. A positive without a violation costs nothing. The
    weighted mean over positives; a negative of weight w is w trials. The estimate of the rank has no
    gradient.

    Args:
        margin: by which a positive has to be ahead.
    """

    needs = (Need("sampling.row", "it tries the negatives of a row one after the other"),)

    def __init__(self, schema: Schema, *, margin: Positive = 1.0) -> None:
        super().__init__()
        self.margin, self.n_items = margin, schema.n_items
        steps = torch.arange(1, max(2, schema.n_items), dtype=torch.float64).reciprocal().cumsum(0)
        self.register_buffer("harmonic", torch.cat([steps.new_zeros(1), steps]), persistent=False)
        self.harmonic: Tensor

    def forward(self, logits: Tensor, slate: Slate) -> Tensor:
        """The loss, a scalar."""
        weights = masked.weight(slate)
        positive = (slate.labels > 0) & (weights > 0)
        trials = torch.where(positive, 0.0, weights * (slate.labels <= 0))
        row, column = positive.nonzero(as_tuple=True)
        short = logits[row] - logits[row, column][:, None] + self.margin
        violates = (short > 0) & (trials[row] > 0)
        first = violates.to(torch.uint8).argmax(1)
        at = torch.arange(len(row), device=row.device)
        before = (trials.cumsum(1) - trials)[row, first]
        rank = ((self.n_items - 1) / (before.floor() + 1)).floor().long().clamp(0, self.n_items - 1)
        cost = self.harmonic[rank].to(logits.dtype) * short[at, first].relu() * violates[at, first]
        return masked.mean(cost, weights[row, column]) + logits.sum() * 0.0
