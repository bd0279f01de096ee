"""Metrics of labelled rows under B sets of weights at once; weights `[1, N]` of ones give the plain values.

Rows are sorted by score once, the highest first, so that each set of weights costs a cumulative sum. In what
follows `tp`, `fp` and `mass` are `[B, T]` float64: the weight of the positive, the negative and all rows at or
above each of the T distinct scores, and `precision` is tp / mass. A function returns `[B]` float64, NaN where a
sample lacks a class that it asks for.
"""

import math

import torch
from torch import Tensor
from torch.nn.functional import softplus

TINY = torch.finfo(torch.float64).tiny


def by_score(score: Tensor) -> tuple[Tensor, Tensor]:
    """The order of the rows, the highest score first, `[N]`, and each distinct score's last place, `[T]`."""
    ordered, order = score.sort(descending=True)
    return order, last_places(ordered[1:] != ordered[:-1])


def last_places(changes: Tensor) -> Tensor:
    """The last place of each run, `[T]`, of `[N - 1]` bool: whether the next row belongs to another one."""
    inner = changes.nonzero().squeeze(1)
    return torch.cat([inner, inner.new_tensor([len(changes)])])


def up_to(values: Tensor, ends: Tensor) -> Tensor:
    """Cumulative sums of `[B, N]` at the last place of each run, `[B, T]`."""
    sums = values.cumsum(1)
    return sums if len(ends) == sums.shape[1] else pick(sums, ends)


def pick(values: Tensor, at: Tensor) -> Tensor:
    """`values[:, at]` of `[B, N]`; gathering is several times as fast as selecting columns."""
    return values.gather(1, at.expand(len(values), -1))


def roc_auc(tp: Tensor, fp: Tensor) -> Tensor:
    """P(a positive scores above a negative) + P(equal) / 2: the area under (fp / N, tp / P) by trapezia."""
    area = torch.trapezoid(tp, fp) + fp[:, 0] * tp[:, 0] / 2
    return area / (tp[:, -1] * fp[:, -1])


def precisions(tp: Tensor, mass: Tensor) -> Tensor:
    """The share of positives at or above each distinct score, `[B, T]`; 0 where nothing weighs."""
    return tp / mass.clamp_min(TINY)


def average_precision(tp: Tensor, precision: Tensor) -> Tensor:
    """sum_t (recall_t - recall_{t-1}) precision_t over the distinct scores t, the highest first."""
    gained = (tp.diff(dim=1) * precision[:, 1:]).sum(1) + tp[:, 0] * precision[:, 0]
    return gained / tp[:, -1]


def best_f1(tp: Tensor, mass: Tensor) -> Tensor:
    """The largest 2 TP / (2 TP + FP + FN) over the distinct scores as thresholds; NaN without a positive."""
    return (2 * (tp / (mass + tp[:, -1:])).amax(1)).masked_fill_(tp[:, -1] == 0, math.nan)


def precision_at_recall(tp: Tensor, precision: Tensor, recall: float) -> Tensor:
    """The largest TP / (TP + FP) over the distinct scores taken as thresholds with TP / P at least `recall`."""
    reached = precision.masked_fill(tp / tp[:, -1:] < recall, 0)
    return reached.amax(1).masked_fill_(tp[:, -1] == 0, math.nan)


def f1(weights: Tensor, called: Tensor, positive: Tensor) -> Tensor:
    """2 TP / (2 TP + FP + FN) of the rows that are called positive; NaN without a positive.

    Args:
        weights: `[B, N]` float64.
        called, positive: `[N]` float64, 0 or 1.
    """
    right, wanted, named = (weights @ torch.stack([called * positive, positive, called], 1)).T
    return (2 * right / (wanted + named)).masked_fill_(wanted == 0, math.nan)


def mean(weights: Tensor, values: Tensor) -> Tensor:
    """sum_i w_i v_i / sum_i w_i of `[B, N]` weights and `[N]` values."""
    return weights @ values / weights.sum(1)


def log_losses(logit: Tensor, positive: Tensor) -> Tensor:
    """-log of the chance that each row's own label was given, with p = sigmoid(logit), `[N]`."""
    return softplus(torch.where(positive > 0, -logit, logit))


def entropy(base: Tensor) -> Tensor:
    """-(p log p + (1 - p) log(1 - p)): the log loss of saying the base rate p of each; NaN where it is 0."""
    value = -torch.xlogy(base, base) - torch.xlogy(1 - base, 1 - base)
    return torch.where(value > 0, value, math.nan)
