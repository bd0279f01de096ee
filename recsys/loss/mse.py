"""Squared error."""

from typing import final

from torch import Tensor

from recsys.loss import Loss
from recsys.nn import masked
from recsys.types import Slate


@final
class MSE(Loss):
    """(logit - label)^2: the weighted mean over cells; the logit itself is the prediction."""

    def forward(self, logits: Tensor, slate: Slate) -> Tensor:
        """The loss, a scalar."""
        return masked.mean((logits - slate.labels).square(), masked.weight(slate))
