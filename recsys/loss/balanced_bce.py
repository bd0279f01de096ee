"""Binary cross-entropy with both classes at a chosen weight."""

from collections.abc import Collection, Mapping
from typing import Any, Literal, final

from torch import Tensor
from torch.nn.functional import softplus

from recsys.loss import Loss
from recsys.nn import masked
from recsys.types import Counts, Need, Share, Slate, UserError


@final
class BalancedBCE(Loss):
    """Binary cross-entropy in which the rarer class weighs more; a label y is y and 1 - y of the classes.

    `by=slate`: half the weighted mean over the slate's positives plus half that over its negatives, so it
    holds under every sampler; a slate without one of the classes has that half at 0. `by=counts`: the
    weighted mean with class weights in inverse proportion to the training rows of the class. `by=effective`:
    in inverse proportion to their effective number (1 - beta^n) / (1 - beta), Cui et al. 2019,
    "Class-Balanced Loss Based on Effective Number of Samples", eq. 3 and 4. Both are scaled so that the two
    weights sum to 2, as in that paper.

    Args:
        by: see above.
        beta: of the effective number; towards 1 it is the number itself, at 0 both classes weigh the same.
    """

    needs = (
        Need("sampling.both", "it gives both classes a weight"),
        Need("label.classes", "it takes the label for the chance of a positive", instead=("sampling.classes",)),
    )

    @classmethod
    def needs_with(cls, arguments: Mapping[str, Any]) -> Collection[Need]:
        """Counts of the label that it reads, where the classes are weighed by them."""
        by = arguments.get("by", "slate")
        counts = Need("label.counts", f"by={by} weighs the classes by it, where by=slate does not")
        return cls.needs if by == "slate" else (*cls.needs, counts)

    def __init__(
        self, counts: Counts, *, by: Literal["slate", "counts", "effective"] = "slate", beta: Share = 0.9999
    ) -> None:
        super().__init__()
        self.by = by
        if by != "slate" and not (counts.positives and counts.negatives):
            raise UserError(f"loss.by={by}: training has rows of one class alone; choose loss.by=slate")
        sizes = [max(1, counts.positives), max(1, counts.negatives)]
        if by == "effective":
            sizes = [(1 - beta**n) / (1 - beta) for n in sizes]
        total = sum(1 / size for size in sizes)
        self.positive, self.negative = (2 / size / total for size in sizes)

    def forward(self, logits: Tensor, slate: Slate) -> Tensor:
        """The loss, a scalar."""
        weights = masked.weight(slate)
        of_positives, of_negatives = softplus(-logits), softplus(logits)
        if self.by == "slate":
            positive = masked.mean(of_positives, weights * slate.labels)
            return 0.5 * positive + 0.5 * masked.mean(of_negatives, weights * (1 - slate.labels))
        both = self.positive * slate.labels * of_positives + self.negative * (1 - slate.labels) * of_negatives
        return masked.mean(both, weights)
