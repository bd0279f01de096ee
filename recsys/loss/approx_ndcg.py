"""One minus NDCG with smooth ranks."""

from typing import final

from torch import Tensor

from recsys.loss import Loss
from recsys.nn import anchors, gains, masked
from recsys.types import Need, Positive, Slate


@final
class ApproxNDCG(Loss):
    """1 - DCG / best DCG with rank_i = 1 + sum_(j not i) sigmoid((s_j - s_i) / temperature), mean over rows.

    Qin, Liu and Li 2010, "A general approximation framework for direct optimization of information retrieval
    measures", eq. 9 and 14, gains 2^label - 1. A row weighs the mean weight of its positives; rows without one
    do not count.

    Args:
        temperature: of the steps between ranks; smaller is nearer to NDCG and harder to learn from.
    """

    needs = (Need("sampling.row", "it ranks the candidates of a row"),)

    def __init__(self, *, temperature: Positive = 1.0) -> None:
        super().__init__()
        self.temperature = temperature

    def forward(self, logits: Tensor, slate: Slate) -> Tensor:
        """The loss, a scalar."""
        weights = masked.weight(slate)
        counts = weights > 0

        def ahead(rows: slice, own: slice) -> Tensor:
            steps = (logits[rows, None] - logits[rows, own, None]) / self.temperature
            return (steps.sigmoid() * counts[rows, None]).sum(2)

        # The sum has the cell itself as well, sigmoid(0).
        rank = 1 + anchors.compare(ahead, (len(logits), logits.shape[1])) - 0.5 * counts
        found = (gains.gain(slate.labels) * counts / (1 + rank).log2()).sum(1)
        best = gains.ideal(slate.labels, counts, None)
        positive = (slate.labels > 0) & counts
        row = (weights * positive).sum(1) / positive.sum(1).clamp_min(1)
        return masked.mean(1 - found / best.clamp_min(1e-12), row * (best > 0))
