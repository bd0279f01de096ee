"""Bayesian personalised ranking."""

from typing import final

from torch import Tensor
from torch.nn.functional import softplus

from recsys.loss import Loss
from recsys.nn import pairwise
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
        return pairwise.mean(logits, slate, softplus)
