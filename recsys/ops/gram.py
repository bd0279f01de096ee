"""How many users two items share, and what follows from it."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

from recsys.types import Csr, UserError

CELLS = 2**24
"""Numbers of a dense block that are held at once: 64 MB of float32."""


def matrix(csr: Csr, width: int) -> sparse.csr_matrix:
    """1 where a row has a column, `[R, width]` float32.

    Args:
        width: number of columns.
    """
    ptr, idx = csr.ptr.cpu().numpy(), csr.idx.cpu().numpy()
    return sparse.csr_matrix((np.ones(len(idx), dtype=np.float32), idx, ptr), shape=(len(ptr) - 1, width))


def blocks(user_items: Csr, n_items: int) -> Iterator[tuple[int, Tensor]]:
    """Rows of X^T X for the 0/1 matrix X `[U, I]`: the first item of a block, and `[b, I]` float32 counts.

    Exact up to 2^24 users in common.
    """
    taken = matrix(user_items, n_items)
    by_item = taken.T.tocsr()
    step = max(1, CELLS // max(n_items, 1))
    for start in range(0, n_items, step):
        yield start, torch.from_numpy((by_item[start : start + step] @ taken).toarray())


def gram(user_items: Csr, n_items: int, dtype: torch.dtype) -> Tensor:
    """X^T X, `[I, I]`."""
    out = torch.empty(n_items, n_items, dtype=dtype)
    for start, block in blocks(user_items, n_items):
        out[start : start + len(block)] = block
    return out


def inverse(matrix: Tensor) -> Tensor:
    """The inverse of a positive definite matrix, through its Cholesky factor; overwrites it.

    Raises:
        torch.linalg.LinAlgError: the matrix is not positive definite to its precision.
    """
    return torch.cholesky_inverse(torch.linalg.cholesky(matrix, out=matrix))


@contextmanager
def regularised_by(key: str, value: float) -> Iterator[None]:
    """Name the key of the config that a matrix within needs more of to be positive definite.

    Raises:
        UserError: a matrix is not positive definite to its precision.
    """
    try:
        yield
    except torch.linalg.LinAlgError as error:  # pyright: ignore[reportPrivateImportUsage]
        raise UserError(
            f"{key}={value:g}: a matrix is not positive definite to its precision; make it larger"
        ) from error
