"""Binary cross-entropy with both classes at equal weight."""

from typing import final

from torch import Tensor
from torch.nn.functional import softplus

from recsys.loss import Loss
from recsys.nn import masked
from recsys.types import Need, Slate


@final
class BalancedBCE(Loss):
    """Half the weighted mean over positives plus half the weighted mean over negatives.

    The classes are balanced within each slate, so it holds under every sampler. A slate without one of the
    classes has that half at 0. A label y between 0 and 1 is y of a positive and 1 - y of a negative.
    """

    needs = (
        Need("sampling.both", "it gives both classes the same weight"),
        Need("label.classes", "it takes the label for the chance of a positive", instead=("sampling.classes",)),
    )

    def forward(self, logits: Tensor, slate: Slate) -> Tensor:
        """The loss, a scalar."""
        weights = masked.weight(slate)
        positive = masked.mean(softplus(-logits), weights * slate.labels)
        negative = masked.mean(softplus(logits), weights * (1 - slate.labels))
        return 0.5 * positive + 0.5 * negative
