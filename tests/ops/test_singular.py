"""Independent source: numpy's decomposition of the whole matrix."""

import numpy as np
import pytest
import torch

from recsys.ops.singular import right_vectors
from recsys.types import Csr


@pytest.mark.parametrize("rank", [3, 20])
def test_vectors_are_those_of_the_whole_decomposition(rank: int) -> None:
    """Rank 3 goes through Lanczos iterations, rank 20 through the whole decomposition."""
    generator = torch.Generator().manual_seed(0)
    dense = torch.rand(70, 50, generator=generator) * (torch.rand(70, 50, generator=generator) < 0.3)
    dense[4] = 0
    row, column = dense.nonzero(as_tuple=True)
    ptr = torch.cat([torch.zeros(1, dtype=torch.int64), row.bincount(minlength=70).cumsum(0)])
    found = right_vectors(Csr(ptr, column), dense[row, column], 50, rank)
    expected = np.linalg.svd(dense.double().numpy())[2][:rank].T
    alignment = np.abs((found.double().numpy() * expected).sum(0))
    assert found.shape == (50, rank)
    assert found.dtype == torch.float32
    np.testing.assert_allclose(alignment, 1, atol=1e-5)
