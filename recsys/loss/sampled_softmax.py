"""Softmax over sampled candidates."""

import math
from typing import final

from torch import Tensor
from torch.nn.functional import softplus

from recsys.loss import Loss
from recsys.nn import masked
from recsys.types import Need, Positive, Slate


@final
class SampledSoftmax(Loss):
    """-log(e^s / (e^s + (1/N) sum_j e^(s_j - log q_j))): the weighted mean over positives.

    j runs over the row's N negatives, each drawn with probability q_j. The sum estimates that of the full
    softmax without bias, so the loss tends to the full cross-entropy as N grows: Bengio and Senecal 2008,
    "Adaptive Importance Sampling to Accelerate Training of a Neural Probabilistic Language Model", eq. 10;
    the correction by log q is the logQ correction of Yi et al. 2019, "Sampling-Bias-Corrected Neural
    Modeling for Large Corpus Item Recommendations", eq. 4, applied to negatives: the positive was not drawn.

    Each positive meets the row's negatives and no other positive; a row without negatives does not count. A
    negative of weight w counts as w draws. A slate without log q gets the plain softmax over the row.

    Args:
        correct: subtract log q and log N; False is the plain softmax over the row.
        temperature: divides the logits.
    """

    needs = (Need("sampling.row", "it is a softmax over the candidates of a row"),)

    def __init__(self, *, correct: bool = True, temperature: Positive = 1.0) -> None:
        super().__init__()
        self.correct, self.temperature = correct, temperature

    def forward(self, logits: Tensor, slate: Slate) -> Tensor:
        """The loss, a scalar."""
        scaled = logits / self.temperature
        weights, positive = masked.weight(slate), slate.labels > 0
        negative = (weights > 0) & ~positive
        some = negative.any(1)
        row, column = (positive & (weights > 0) & some[:, None]).nonzero(as_tuple=True)
        if not len(row):
            return logits.sum() * 0.0
        rivals = self._rivals(scaled, slate, weights, negative)
        return masked.mean(softplus(rivals[row] - scaled[row, column]), weights[row, column])

    def _rivals(self, scaled: Tensor, slate: Slate, weights: Tensor, negative: Tensor) -> Tensor:
        """Log of the estimated sum over each row's rivals, `[B]`; -inf where there is none."""
        rival = scaled
        if slate.weights is not None:
            rival = rival + slate.weights.clamp_min(1e-12).log()
        if not self.correct or slate.log_q is None:
            return rival.masked_fill(~negative, -math.inf).logsumexp(1)
        draws = (weights * negative).sum(1).clamp_min(1e-12)
        return (rival - slate.log_q).masked_fill(~negative, -math.inf).logsumexp(1) - draws.log()
