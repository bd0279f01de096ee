"""Pairs weighted by what swapping them changes."""

from typing import final

import torch
from torch import Tensor
from torch.nn.functional import softplus

from recsys.loss import Loss
from recsys.nn import gains, masked
from recsys.types import Need, Positive, PositiveInt, Slate


@final
class LambdaRank(Loss):
    """sum over pairs g_i > g_j of |change of NDCG if swapped| log(1 + exp(-sigma (s_i - s_j))), mean over rows.

    Burges 2010, "From RankNet to LambdaRank to LambdaMART: An Overview", sec. 3-4, with gains 2^label - 1; as
    a loss whose gradient that is: Wang et al. 2018, "The LambdaLoss Framework for Ranking Metric
    Optimization", eq. 12. Ranks are those of the logits as they are, equal ones in their order, without
    gradient. Pairs weigh the product of their cells; rows without a pair do not count.

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
        change = (gain[:, :, None] - gain[:, None]) * (discount[:, :, None] - discount[:, None]).abs()
        best = gains.ideal(slate.labels, counts, self.k).clamp_min(1e-12)
        pair = weights[:, :, None] * weights[:, None] * change.clamp_min(0) / best[:, None, None]
        cost = softplus(self.sigma * (logits[:, None] - logits[:, :, None])) * pair
        rows = (pair > 0).flatten(1).any(1).sum().clamp_min(1)
        return cost.sum() / rows
