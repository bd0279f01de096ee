"""Focal loss."""

from typing import final

from torch import Tensor
from torch.nn.functional import logsigmoid

from recsys.loss import Loss
from recsys.nn import masked
from recsys.types import Fraction, NonNegative, Slate


@final
class Focal(Loss):
    """-alpha_t (1 - p_t)^gamma log p_t: the weighted mean over cells; easy cells count less.

    Lin et al. 2017, "Focal Loss for Dense Object Detection", eq. 5, with p_t = p for a positive and 1 - p
    for a negative, and alpha_t likewise. With gamma 0 and no alpha it is binary cross-entropy.

    Args:
        alpha: weight of positives, 1 - alpha that of negatives; None weighs both 1.
        gamma: how much less easy cells count.
    """

    def __init__(self, *, alpha: Fraction | None = 0.25, gamma: NonNegative = 2.0) -> None:
        super().__init__()
        self.alpha, self.gamma = alpha, gamma

    def forward(self, logits: Tensor, slate: Slate) -> Tensor:
        """The loss, a scalar."""
        labels = slate.labels
        positive, negative = self._side(logits), self._side(-logits)
        if self.alpha is not None:
            positive, negative = self.alpha * positive, (1 - self.alpha) * negative
        return masked.mean(labels * positive + (1 - labels) * negative, masked.weight(slate))

    def _side(self, logits: Tensor) -> Tensor:
        """The loss where the truth is on the side of large logits: -(1 - p)^gamma log p.

        (1 - p)^gamma as exp(gamma log sigmoid(-logit)), whose gradient is finite for every gamma.
        """
        return -(self.gamma * logsigmoid(-logits)).exp() * logsigmoid(logits)
