"""Softmax over sampled candidates."""

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
        scaled = logits if self.temperature == 1 else logits / self.temperature
        counting = masked.counting(slate)
        positive = counting & (slate.labels > 0)
        negative = counting & ~positive
        row, column = (positive & negative.any(1, keepdim=True)).nonzero(as_tuple=True)
        if not len(row):
            return logits.sum() * 0.0
        costs = softplus(self._rivals(scaled, slate, negative)[row] - scaled[row, column])
        return costs.mean() if slate.weights is None else masked.mean(costs, slate.weights[row, column])

    def _rivals(self, scaled: Tensor, slate: Slate, negative: Tensor) -> Tensor:
        """Log of the estimated sum over each row's rivals, `[B]`; -inf where there is none."""
        plus = None if slate.weights is None else slate.weights.clamp_min(1e-12).log()
        if not self.correct or slate.log_q is None:
            return masked.logsumexp(scaled, negative, plus)
        plus = -slate.log_q if plus is None else plus - slate.log_q
        draws = negative.sum(1) if slate.weights is None else (slate.weights * negative).sum(1)
        return masked.logsumexp(scaled, negative, plus) - draws.clamp_min(1e-12).log()
