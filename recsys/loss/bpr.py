"""Bayesian personalised ranking."""

from typing import final

import torch
from torch import Tensor
from torch.nn.functional import softplus

from recsys.loss import Loss
from recsys.nn import masked
from recsys.types import Need, Slate


@final
class BPR(Loss):
    """-log sigmoid(s_positive - s_negative): the weighted mean over all pairs within a row.

    Rendle et al. 2009, "BPR: Bayesian Personalized Ranking from Implicit Feedback", sec. 4.1 (the
    regularisation is the optimizer's). A cell is positive where its label is above 0; a pair weighs the
    product of its two cells.
    """

    needs = (Need("sampling.row", "it compares a positive with negatives of the same user"),)

    def forward(self, logits: Tensor, slate: Slate) -> Tensor:
        """The loss, a scalar."""
        weights, positive = masked.weight(slate), slate.labels > 0
        total, pairs = logits.sum() * 0.0, logits.new_zeros(())
        against = weights * ~positive
        for place in positives(positive & (weights > 0)):
            score = logits.gather(1, place.clamp_min(0)[:, None])
            own = weights.gather(1, place.clamp_min(0)[:, None]) * (place >= 0)[:, None]
            pair = own * against
            total = total + (softplus(logits - score) * pair).sum()
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
