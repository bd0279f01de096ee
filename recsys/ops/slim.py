"""The sparse linear method by the alternating direction method of multipliers."""

import torch
from torch import Tensor

from recsys.ops import gram

BALANCE, STEP = 10.0, 2.0
"""When one residual is so many times the other, the weight of the constraint changes by this factor."""


def solve(
    shared: Tensor, l1: float, l2: float, rho: float, iterations: int, tolerance: float
) -> tuple[Tensor, float]:
    """The C that minimises 1/2 ||X - X C||^2 + l2 / 2 ||C||^2 + l1 sum |C|, C >= 0, zeros on the diagonal.

    Steck, Dimakopoulou, Riabov and Jebara 2020, "ADMM SLIM", algorithm 1 with eq. 4-8. Boyd, Parikh, Chu,
    Peleato and Eckstein 2011, "Distributed Optimization and Statistical Learning via the Alternating Direction
    Method of Multipliers": it stops by the primal residual B - C and the dual one rho (C - C before), sec. 3.3,
    and rho follows the larger of the two in the first half of the iterations, sec. 3.4.1. The dual residual of
    an entry is divided by the curvature of its row, G_ii + l2, so that both are changes of weights.

    Args:
        shared: X^T X, `[I, I]`.
        rho: weight of the constraint B = C at the start.
        tolerance: stop when no entry of either residual is larger.

    Returns:
        C, and the largest entry of both residuals.

    Raises:
        torch.linalg.LinAlgError: X^T X + l2 + rho is not positive definite to its precision.
    """
    curvature = (shared.diagonal() + l2).clamp_min(1)[:, None]
    inverse = _inverse(shared, l2 + rho)
    c, dual, left = torch.zeros_like(shared), torch.zeros_like(shared), float("inf")
    for iteration in range(iterations):
        b = inverse @ (shared + rho * c - dual)
        b -= inverse * (b.diagonal() / inverse.diagonal())
        before, c = c, (b + (dual - l1) / rho).clamp_min_(0)
        gap = b.sub_(c)
        dual.add_(gap, alpha=rho)
        change = before.sub_(c).mul_(rho).div_(curvature)
        left = max(float(gap.abs().max()), float(change.abs().max()))
        if left <= tolerance:
            break
        adapted = _adapted(rho, float(gap.norm()), float(change.norm()))
        if adapted != rho and 2 * iteration < iterations:
            rho, inverse = adapted, _inverse(shared, l2 + adapted)
    return c.fill_diagonal_(0), left


def _inverse(shared: Tensor, added: float) -> Tensor:
    """Of X^T X with a number added to its diagonal."""
    regularised = shared.clone()
    regularised.diagonal().add_(added)
    return gram.inverse(regularised)


def _adapted(rho: float, primal: float, dual: float) -> float:
    if primal > BALANCE * dual:
        return rho * STEP
    return rho / STEP if dual > BALANCE * primal else rho
