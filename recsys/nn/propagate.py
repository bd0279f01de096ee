"""Smoothing vectors over a graph."""

from typing import Any

from torch import Tensor
from torch.autograd import Function
from torch.nn.functional import embedding_bag


class _Smooth(Function):
    """The mean of A^k x over k = 0 … layers. A is symmetric, so its gradient is the same map."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, ptr: Tensor, idx: Tensor, weights: Tensor, layers: int) -> Tensor:
        ctx.save_for_backward(ptr, idx, weights)
        ctx.layers = layers
        return _mean_of_powers(x, ptr, idx, weights, layers)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor | None, ...]:
        ptr, idx, weights = ctx.saved_tensors
        smoothed = _mean_of_powers(grad_outputs[0].contiguous(), ptr, idx, weights, ctx.layers)
        return smoothed, None, None, None, None


def _mean_of_powers(x: Tensor, ptr: Tensor, idx: Tensor, weights: Tensor, layers: int) -> Tensor:
    """By Horner's rule: x + A (x + A (x + …))."""
    total = x
    for _ in range(layers):
        # The product of a sparse and a dense matrix; on a CPU in half the time of a sparse CSR tensor's.
        total = embedding_bag(
            idx, total, offsets=ptr, mode="sum", per_sample_weights=weights, include_last_offset=True
        ).add_(x)
    return total / (layers + 1)


def smooth(x: Tensor, ptr: Tensor, idx: Tensor, weights: Tensor, layers: int) -> Tensor:
    """The mean over k = 0 … layers of A^k x, `[N, D]`, which keeps nothing of the layers for its gradient.

    He et al. 2020, "LightGCN: Simplifying and Powering Graph Convolution Network for Recommendation", eq. 8.

    Args:
        x: `[N, D]`.
        ptr, idx, weights: the symmetric matrix A by rows: `[N + 1]`, `[nnz]`, `[nnz]`.
    """
    return _Smooth.apply(x, ptr, idx, weights, layers)  # type: ignore[return-value]
