"""Many small weighted least squares problems at once, as alternating least squares makes them.

For entity e with its columns S_e: (G + alpha Y_S^T Y_S + lambda_e I) x_e = (1 + alpha) sum of y over S_e, where
G = Y^T Y. Entities are taken in order of their degree, so that the lists of a block are of nearly one length.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from recsys.ops import csr
from recsys.types import Csr

CELLS = 2**12
"""List places in a block: with 64 factors 1 MB of vectors, which stays in the caches."""

Solver = Callable[[Tensor, Tensor, Tensor, Tensor, float], Tensor]


def padded(lists: Csr, width: int, cells: int = CELLS) -> list[tuple[Tensor, Tensor]]:
    """Blocks of rows `[b]` with their columns `[b, L]`, short lists filled up with `width`; no empty rows."""
    size = csr.lengths(lists)
    order = size.argsort(stable=True)
    order = order[size[order] > 0]
    sizes, blocks, start = size[order].tolist(), [], 0
    while start < len(order):
        # The longest list of a block decides its width, so it is sought from where the block would end.
        stop = min(len(order), start + max(1, cells // sizes[start]))
        while stop > start + 1 and (stop - start) * sizes[stop - 1] > cells:
            stop = start + max(1, min(stop - start - 1, cells // sizes[stop - 1]))
        rows = order[start:stop]
        mine = csr.take(lists, rows)
        table = torch.full((len(rows), sizes[stop - 1]), width, dtype=torch.int64, device=rows.device)
        at = csr.rows_of(mine)
        table[at, torch.arange(len(at), device=at.device) - mine.ptr[at]] = mine.idx
        blocks.append((rows, table))
        start = stop
    return blocks


def sweep(
    x: Tensor, y: Tensor, blocks: Sequence[tuple[Tensor, Tensor]], alpha: float, ridge: Tensor, solver: Solver
) -> None:
    """Solve for every entity of the blocks, from where it is; overwrites their rows of `x`.

    Args:
        x: `[E, D]`.
        y: `[N, D]`, held fixed.
        ridge: `[E]`, lambda of each entity.
    """
    gram = y.T @ y
    filled = torch.cat([y, y.new_zeros(1, y.shape[1])])
    for rows, table in blocks:
        near = filled.index_select(0, table.flatten()).view(*table.shape, -1)
        x[rows] = solver(x[rows], near, gram, ridge[rows], alpha)


def cholesky(x: Tensor, near: Tensor, gram: Tensor, ridge: Tensor, alpha: float) -> Tensor:
    """The exact solution, `[b, D]`, whatever `x` was.

    Args:
        near: `[b, L, D]`, vectors of the lists, zeros where they are filled up.
    """
    normal = torch.baddbmm(gram, near.transpose(1, 2), near, alpha=alpha)
    normal.diagonal(dim1=1, dim2=2).add_(ridge[:, None])
    wanted = near.sum(1) * (1 + alpha)
    return torch.cholesky_solve(wanted[..., None], torch.linalg.cholesky(normal)).squeeze(-1)


def conjugate_gradient(steps: int) -> Solver:
    """A solver that goes some steps from `x` towards the solution.

    Takács, Pilászy and Tikk 2011, "Applications of the Conjugate Gradient Method for Implicit Feedback
    Collaborative Filtering", algorithm 1.
    """

    def solve(x: Tensor, near: Tensor, gram: Tensor, ridge: Tensor, alpha: float) -> Tensor:
        across = near.transpose(1, 2)

        def times(vectors: Tensor) -> Tensor:
            own = torch.bmm(across, torch.bmm(near, vectors[..., None])).squeeze(-1)
            return torch.addmm(own * alpha + ridge[:, None] * vectors, vectors, gram)

        residual = near.sum(1) * (1 + alpha) - times(x)
        direction, norm = residual, residual.square().sum(1, keepdim=True)
        for _ in range(steps):
            image = times(direction)
            # Where the residual is 0 the solution is reached: the quotient is 0, not 0 / 0.
            length = norm / (direction * image).sum(1, keepdim=True).clamp_min(1e-30)
            x = x + length * direction
            residual = residual - length * image
            before, norm = norm, residual.square().sum(1, keepdim=True)
            direction = residual + norm / before.clamp_min(1e-30) * direction
        return x

    return solve
