"""Focal loss."""

from typing import final

from torch import Tensor
from torch.nn.functional import logsigmoid

from recsys.loss import Loss
from recsys.nn import masked
from recsys.types import Fraction, Need, NonNegative, Slate


@final
class Focal(Loss):
    """-alpha_t (1 - p_t)^gamma log p_t: the weighted mean over cells; easy cells count less.

    Lin et al. 2017, "Focal Loss for Dense Object Detection", eq. 5, with p_t = p for a positive and 1 - p
    for a negative, and alpha_t likewise. With gamma 0 and no alpha it is binary cross-entropy.

    Args:
        alpha: weight of positives, 1 - alpha that of negatives; None weighs both 1.
        gamma: how much less easy cells count.
    """

    needs = (
        Need("label.classes", "it takes the label for the chance of a positive", instead=("sampling.classes",)),
    )

    def __init__(self, *, alpha: Fraction | None = 0.25, gamma: NonNegative = 2.0) -> None:
        super().__init__()
        self.alpha, self.gamma = alpha, gamma

    def forward(self, logits: Tensor, slate: Slate) -> Tensor:
        """The loss, a scalar."""
        up, down = slate.labels, 1 - slate.labels
        if self.alpha is not None:
            up, down = self.alpha * up, (1 - self.alpha) * down
        log_p, log_rest = logsigmoid(logits), logsigmoid(-logits)
        # As exp(gamma log(1 - p)) the modulating factor has a finite gradient for every gamma.
        positive = (self.gamma * log_rest).exp() * log_p
        negative = (self.gamma * log_p).exp() * log_rest
        return -masked.mean(up * positive + down * negative, masked.weight(slate))
