"""The sparse linear method by the alternating direction method of multipliers."""

import torch
from torch import Tensor

from recsys.ops import gram


def solve(shared: Tensor, l1: float, l2: float, rho: float, iterations: int, tolerance: float) -> Tensor:
    """The C that minimises 1/2 ||X - X C||^2 + l2 / 2 ||C||^2 + l1 sum |C|, C >= 0, zeros on the diagonal.

    Steck, Dimakopoulou, Riabov and Jebara 2020, "ADMM SLIM", algorithm 1 with eq. 4-8.

    Args:
        shared: X^T X, `[I, I]`.
        rho: weight of the constraint B = C.
        tolerance: stop when no entry of B differs from C, nor C from before, by more.
    """
    regularised = shared.clone()
    regularised.diagonal().add_(l2 + rho)
    inverse = gram.inverse(regularised)
    start = inverse @ shared
    own = inverse.diagonal().clone()
    c, dual = torch.zeros_like(shared), torch.zeros_like(shared)
    for _ in range(iterations):
        b = start + inverse @ (rho * c - dual)
        b -= inverse * (b.diagonal() / own)
        before, c = c, (b + (dual - l1) / rho).clamp_min_(0)
        gap = b.sub_(c)
        dual.add_(gap, alpha=rho)
        if max(float(gap.abs().max()), float((c - before).abs().max())) <= tolerance:
            break
    return c.fill_diagonal_(0)
