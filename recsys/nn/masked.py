"""Sums and means over the cells that count."""

import math
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from recsys.types import Slate


def counting(slate: Slate) -> Tensor:
    """The cells whose mask is on and whose weight is above 0, `[B, C]` bool."""
    return slate.mask if slate.weights is None else slate.mask & (slate.weights > 0)


def weight(slate: Slate) -> Tensor:
    """The weight of each cell, `[B, C]`: 0 where the mask is off."""
    mask = slate.mask.to(slate.labels.dtype)
    return mask if slate.weights is None else mask * slate.weights


def mean(values: Tensor, weights: Tensor) -> Tensor:
    """The weighted mean, a scalar; 0 where no weight is above 0.

    Args:
        values: finite everywhere, also where the weight is 0.
    """
    return (values * weights).sum() / weights.sum().clamp_min(1e-12)


def logsumexp(values: Tensor, cells: Tensor, plus: Tensor | None = None) -> Tensor:
    """Log of the sum of e^(value + plus) over some cells of each row, `[B]`; -inf where there are none.

    It keeps one table for its gradient, where a chain of torch's functions keeps four.

    Args:
        values: `[B, C]`.
        cells: `[B, C]` bool.
        plus: `[B, C]` or `[C]`, without a gradient of its own.
    """
    return _LogSumExp.apply(values, cells, plus)  # type: ignore[return-value]


class _LogSumExp(Function):
    """Its gradient is the softmax over the cells."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, cells: Tensor, plus: Tensor | None) -> Tensor:
        exact = torch.promote_types(values.dtype, torch.float32)
        terms = values.to(exact, copy=True)
        if plus is not None:
            terms += plus
        terms.masked_fill_(~cells, -math.inf)
        top = terms.amax(1, keepdim=True).nan_to_num_(neginf=0.0)
        total = terms.sub_(top).exp_().sum(1, keepdim=True)
        ctx.save_for_backward(terms.div_(total.clamp_min(torch.finfo(exact).tiny)))
        ctx.dtype = values.dtype
        return (total.log_() + top)[:, 0]

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor | None, ...]:
        (softmax,) = ctx.saved_tensors
        return (softmax * grad_outputs[0][:, None]).to(ctx.dtype), None, None
