"""Many small weighted least squares problems at once, as alternating least squares makes them.

For entity e with its columns S_e: (G + alpha Y_S^T Y_S + lambda_e I) x_e = (1 + alpha) sum of y over S_e, where
G = Y^T Y. A solver is made for the lists S and then called with vectors: `solver(x, y, alpha, ridge)`
overwrites `x` `[E, D]`, given `y` `[N, D]` and `ridge` `[E]`, the lambdas; rows of empty lists are to be 0.
"""

import warnings
from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from recsys.ops import csr, parallel
from recsys.types import Csr

CELLS = 2**12
"""List places in a block of `cholesky`: with 64 factors 1 MB of vectors, which stays in the caches."""

ROWS = 2**11
"""Entities in a block of `conjugate_gradient`: with 64 factors 512 KB for each of its five matrices."""

Solver = Callable[[Tensor, Tensor, float, Tensor], None]


def cholesky(lists: Csr, width: int) -> Solver:
    """A solver that is exact, whatever `x` was.

    Args:
        lists: columns of each entity, below `width`.
    """
    blocks = list(padded(lists, width))

    def solve(x: Tensor, y: Tensor, alpha: float, ridge: Tensor) -> None:
        gram, filled = y.T @ y, torch.cat([y, y.new_zeros(1, y.shape[1])])
        for rows, table in blocks:
            near = filled.index_select(0, table.flatten()).view(*table.shape, -1)
            normal = torch.baddbmm(gram, near.transpose(1, 2), near, alpha=alpha)
            normal.diagonal(dim1=1, dim2=2).add_(ridge[rows, None])
            wanted = near.sum(1) * (1 + alpha)
            x[rows] = torch.cholesky_solve(wanted[..., None], torch.linalg.cholesky(normal)).squeeze(-1)

    return solve


def conjugate_gradient(lists: Csr, width: int, steps: int) -> Solver:
    """A solver that goes some steps from `x` towards the solution.

    Takács, Pilászy and Tikk 2011, "Applications of the Conjugate Gradient Method for Implicit Feedback
    Collaborative Filtering", algorithm 1. Y_S^T Y_S p is a sampled product, of the pairs that the lists name,
    and a sum over each list, so that no list is filled up and no vector copied.

    Args:
        lists: columns of each entity, below `width`.
    """
    blocks = list(_sparse(lists, width))

    def solve(x: Tensor, y: Tensor, alpha: float, ridge: Tensor) -> None:
        gram = y.T @ y

        def block(of: tuple[slice, Tensor]) -> None:
            rows, links = of
            x[rows] = _descend(x[rows], y, gram, links, alpha, ridge[rows, None], steps)

        parallel.each(block, blocks, x.device)

    return solve


def _descend(
    x: Tensor, y: Tensor, gram: Tensor, links: Tensor, alpha: float, ridge: Tensor, steps: int
) -> Tensor:
    """Steps of conjugate gradients for the entities of a block.

    Args:
        x: `[b, D]`.
        links: `[b, N]` sparse, ones.
        ridge: `[b, 1]`.
    """

    def products(vectors: Tensor) -> Tensor:
        return torch.sparse.sampled_addmm(links, vectors, y.T, beta=0.0).values()

    def summed(weights: Tensor) -> Tensor:
        ptr, idx = links.crow_indices(), links.col_indices()
        return embedding_bag(idx, y, ptr, mode="sum", per_sample_weights=weights, include_last_offset=True)

    def others(vectors: Tensor) -> Tensor:
        return torch.addcmul(vectors @ gram, ridge, vectors)

    residual = summed((1 + alpha) - alpha * products(x)).sub_(others(x))
    direction, norm = residual.clone(), residual.square().sum(1, keepdim=True)
    for step in range(steps):
        image = others(direction).add_(summed(products(direction).mul_(alpha)))
        # Where the residual is 0 the solution is reached: the quotient is 0, not 0 / 0.
        length = norm / (direction * image).sum(1, keepdim=True).clamp_min(1e-30)
        x = torch.addcmul(x, length, direction)
        if step + 1 < steps:
            residual.addcmul_(length, image, value=-1)
            before, norm = norm, residual.square().sum(1, keepdim=True)
            direction.mul_(norm / before.clamp_min(1e-30)).add_(residual)
    return x


def _sparse(lists: Csr, width: int) -> Iterator[tuple[slice, Tensor]]:
    """Blocks of rows, and their lists as a sparse matrix of ones."""
    size = len(lists.ptr) - 1
    for start in range(0, size, ROWS):
        rows = slice(start, min(start + ROWS, size))
        own = csr.part(lists, rows.start, rows.stop)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta state")
            ones = torch.ones(len(own.idx), device=own.idx.device)
            yield (
                rows,
                torch.sparse_csr_tensor(
                    own.ptr, own.idx, ones, (rows.stop - rows.start, width), check_invariants=True
                ),
            )


def padded(lists: Csr, width: int, cells: int = CELLS) -> Iterator[tuple[Tensor, Tensor]]:
    """Blocks of rows `[b]` with their columns `[b, L]`, short lists filled up with `width`; no empty rows.

    Rows are taken in order of their degree, so that the lists of a block are of nearly one length.
    """
    size = csr.lengths(lists)
    order = size.argsort(stable=True)
    order = order[size[order] > 0]
    sizes, start = size[order].tolist(), 0
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
        yield rows, table
        start = stop
