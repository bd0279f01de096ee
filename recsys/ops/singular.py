"""Singular vectors of sparse matrices."""

import numpy as np
import torch
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import svds
from torch import Tensor

from recsys.types import Csr


def right_vectors(links: Csr, weights: Tensor, width: int, rank: int) -> Tensor:
    """The right singular vectors of the largest singular values, the largest first, `[width, rank]` float32.

    Of a whole decomposition where the matrix is small beside the rank, else by Lanczos iterations from a start
    that is always the same; in double precision.

    Args:
        links: the columns of each row.
        weights: `[nnz]`, of the entries.
        width: number of columns.
        rank: below the numbers of rows and columns.
    """
    parts = (weights.double(), links.idx, links.ptr)
    shape = (len(links.ptr) - 1, width)
    matrix = csr_matrix(tuple(part.cpu().numpy() for part in parts), shape=shape)
    if min(shape) <= 4 * rank:
        vectors = np.linalg.svd(matrix.toarray(), full_matrices=False)[2][:rank]
    else:
        start = np.random.default_rng(0).standard_normal(min(shape))
        _, values, found = svds(matrix, k=rank, v0=start)
        vectors = np.asarray(found)[np.argsort(-np.asarray(values))]
    return torch.from_numpy(np.ascontiguousarray(vectors.T, dtype=np.float32))
