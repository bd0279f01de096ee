"""Telling a pair of vectors from the other pairs of the batch."""

from typing import final

from torch import Tensor
from torch.nn.functional import softplus

from recsys.loss import Loss
from recsys.nn import masked
from recsys.nn.everywhere import rows_of_all
from recsys.types import Need, Positive, Slate


@final
class InfoNCE(Loss):
    """-log(e^(s / T) / (e^(s / T) + sum_j e^(s_j / T))): weighted mean over positives, j its negatives.

    van den Oord, Li and Vinyals 2018, "Representation Learning with Contrastive Predictive Coding", eq. 4.
    Symmetric, it is the mean of that over the candidates of a query and over the queries of a candidate
    (Radford et al. 2021, "Learning Transferable Visual Models From Natural Language Supervision", fig. 3),
    where queries share their candidates; elsewhere a candidate has one query, and it is the former alone. A
    negative of weight w is w of them.

    Args:
        temperature: divides the logits.
        symmetric: see above.
    """

    needs = (
        Need("sampling.row", "it sets a positive against the candidates of a row"),
        Need("model.towers", "it compares the vectors of two towers"),
    )

    def __init__(self, *, temperature: Positive = 1.0, symmetric: bool = True) -> None:
        super().__init__()
        self.temperature, self.symmetric = temperature, symmetric

    def forward(self, logits: Tensor, slate: Slate) -> Tensor:
        """The loss, a scalar."""
        scaled, weights, labels = logits / self.temperature, masked.weight(slate), slate.labels
        of_queries = _contrast(scaled, weights, labels > 0)
        if not self.symmetric or slate.items.dim() > 1:
            return of_queries
        scaled, weights, labels = (rows_of_all(table, slate).T for table in (scaled, weights, labels))
        return 0.5 * (of_queries + _contrast(scaled, weights, labels > 0))


def _contrast(scaled: Tensor, weights: Tensor, positive: Tensor) -> Tensor:
    """The mean over positives, each against the negatives of its row."""
    negative = (weights > 0) & ~positive
    row, column = (positive & (weights > 0) & negative.any(1, keepdim=True)).nonzero(as_tuple=True)
    if not len(row):
        return scaled.sum() * 0.0
    rivals = masked.logsumexp(scaled, negative, weights.clamp_min(1e-12).log())
    return masked.mean(softplus(rivals[row] - scaled[row, column]), weights[row, column])
