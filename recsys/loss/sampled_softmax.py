"""Softmax over sampled candidates."""

import math
from typing import final

import torch
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
        rival = scaled
        if self.correct and slate.log_q is not None:
            rival = rival - slate.log_q
        if slate.weights is not None:
            rival = rival + slate.weights.clamp_min(1e-12).log()
        rivals = rival.masked_fill(~negative, -math.inf).logsumexp(1, keepdim=True)
        if self.correct:
            rivals = rivals - negative.sum(1, keepdim=True).clamp_min(1).log()
        some = negative.any(1, keepdim=True)
        rivals = torch.where(some, rivals, torch.zeros_like(rivals))
        counted = weights * positive * some
        return masked.mean(softplus(rivals - scaled), counted)
