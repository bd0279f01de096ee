"""A margin between positives and negatives."""

from typing import final

from torch import Tensor

from recsys.loss import Loss
from recsys.nn import pairwise
from recsys.types import Need, Positive, Slate


@final
class Hinge(Loss):
    """max(0, margin - (s_positive - s_negative)): the weighted mean over all pairs within a row.

    Joachims 2002, "Optimizing Search Engines using Clickthrough Data", eq. 12-14 (the regularisation is the
    optimizer's). A cell is positive where its label is above 0; a pair weighs the product of its two cells.

    Args:
        margin: by which a positive has to be ahead.
    """

    needs = (Need("sampling.row", "it compares a positive with negatives of the same user"),)

    def __init__(self, *, margin: Positive = 1.0) -> None:
        super().__init__()
        self.margin = margin

    def forward(self, logits: Tensor, slate: Slate) -> Tensor:
        """The loss, a scalar."""
        return pairwise.mean(logits, slate, lambda ahead: (ahead + self.margin).relu())
