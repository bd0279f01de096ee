"""Huber's loss."""

from typing import final

from torch import Tensor

from recsys.loss import Loss
from recsys.nn import masked
from recsys.types import Positive, Slate


@final
class Huber(Loss):
    """e^2 / 2 where |e| <= delta, else delta (|e| - delta / 2): the weighted mean over cells.

    With e = logit - label: Huber 1964, "Robust Estimation of a Location Parameter". A cell far off pulls no
    harder than one that is off by delta.

    Args:
        delta: the error from which on the loss grows linearly, in the label's own unit.
    """

    def __init__(self, *, delta: Positive = 1.0) -> None:
        super().__init__()
        self.delta = delta

    def forward(self, logits: Tensor, slate: Slate) -> Tensor:
        """The loss, a scalar."""
        error = (logits - slate.labels).abs()
        near = error.clamp_max(self.delta)
        return masked.mean(near * (error - near / 2), masked.weight(slate))
