"""Cross-entropy of a row against its labels."""

from typing import Literal, final

from torch import Tensor

from recsys.loss import Loss
from recsys.nn import gains, masked
from recsys.types import Need, Positive, Slate


@final
class SoftmaxCE(Loss):
    """-sum_j g_j log softmax(s)_j over the cells of a row, g the gain of their labels.

    Cao et al. 2007, "Learning to Rank: From Pairwise Approach to Listwise Approach" (ListNet), sec. 4, top
    one, with the labels' gains as the target, so that it is the usual softmax where one label is 1; divided
    by the sum of gains over all rows, so that a row counts by what there is to gain in it. A cell of weight w
    is w cells.

    Args:
        gain: `linear` is the label, `exponential` 2^label - 1.
        temperature: divides the logits.
    """

    needs = (Need("sampling.row", "it is a softmax over the candidates of a row"),)

    def __init__(
        self, *, gain: Literal["linear", "exponential"] = "linear", temperature: Positive = 1.0
    ) -> None:
        super().__init__()
        self.gain, self.temperature = gain, temperature

    def forward(self, logits: Tensor, slate: Slate) -> Tensor:
        """The loss, a scalar."""
        weights, scaled = masked.weight(slate), logits / self.temperature
        gain = slate.labels.clamp_min(0) if self.gain == "linear" else gains.gain(slate.labels)
        total = masked.logsumexp(scaled, weights > 0, weights.clamp_min(1e-12).log())[:, None]
        some = (weights > 0).any(1, keepdim=True)
        costs = (total.masked_fill(~some, 0.0) - scaled) * some
        return masked.mean(costs, weights * gain) + logits.sum() * 0.0
