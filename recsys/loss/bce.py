"""Binary cross-entropy."""

from typing import final

from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from recsys.loss import Loss
from recsys.nn import masked
from recsys.types import Need, Slate


@final
class BCE(Loss):
    """-(y log p + (1 - y) log(1 - p)) with p = sigmoid(logit): the weighted mean over cells."""

    needs = (
        Need("label.classes", "it takes the label for the chance of a positive", instead=("sampling.classes",)),
    )

    def forward(self, logits: Tensor, slate: Slate) -> Tensor:
        """The loss, a scalar."""
        cells = binary_cross_entropy_with_logits(logits, slate.labels, reduction="none")
        return masked.mean(cells, masked.weight(slate))
