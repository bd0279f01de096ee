"""Pairs weighted by what swapping them changes."""

from typing import final

import torch
from torch import Tensor
from torch.nn.functional import softplus

from recsys.loss import Loss
from recsys.nn import anchors, gains, masked
from recsys.types import Need, Positive, PositiveInt, Slate


@final
class LambdaRank(Loss):
    """sum over pairs g_i > g_j of |change of NDCG if swapped| log(1 + exp(-sigma (s_i - s_j))), mean over rows.

    Burges 2010, "From RankNet to LambdaRank to LambdaMART: An Overview", sec. 3-4, with gains 2^label - 1; as
    a loss whose gradient that is: Wang et al. 2018, "The LambdaLoss Framework for Ranking Metric
    Optimization", eq. 12. Ranks are those of the logits as they are, equal ones in their order, without
    gradient. A pair weighs the product of its cells over the mean of that in its row, a row the mean weight of
    its positives; rows without a pair do not count.

    Args:
        k: positions that NDCG reads; None for all.
        sigma: steepness of the pairs' cost.
    """

    needs = (Need("sampling.row", "it compares the candidates of a row"),)

    def __init__(self, *, k: PositiveInt | None = None, sigma: Positive = 1.0) -> None:
        super().__init__()
        self.k, self.sigma = k, sigma

    def forward(self, logits: Tensor, slate: Slate) -> Tensor:
        """The loss, a scalar."""
        weights = masked.weight(slate)
        counts, gain = weights > 0, gains.gain(slate.labels)
        order = logits.detach().masked_fill(~counts, -torch.inf).argsort(dim=1, descending=True, stable=True)
        rank = order.argsort(1).to(logits.dtype) + 1
        discount = 1 / (1 + rank).log2() * counts
        if self.k is not None:
            discount = discount * (rank <= self.k)
        share = gain / gains.ideal(slate.labels, counts, self.k).clamp_min(1e-12)[:, None]

        def of(rows: slice, own: slice) -> Tensor:
            def pairs(values: Tensor) -> tuple[Tensor, Tensor]:
                return values[rows, own, None], values[rows, None]

            (high, low), (near, far) = pairs(share), pairs(discount)
            change = (high - low).clamp_min(0) * (near - far).abs()
            one, other = pairs(weights)
            weight = one * other * (change > 0)
            ahead, behind = pairs(logits)
            cost = softplus(self.sigma * (behind - ahead)) * change * weight
            return torch.stack([cost.sum(2), weight.sum(2), (weight > 0).sum(2)], 2)

        cost, weight, number = anchors.compare(of, (len(logits), logits.shape[1])).sum(1).unbind(1)
        positive = (slate.labels > 0) & counts
        row = (weights * positive).sum(1) / positive.sum(1).clamp_min(1)
        return masked.mean(cost * number / weight.clamp_min(1e-30), row * (number > 0))
