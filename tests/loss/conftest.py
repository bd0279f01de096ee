"""Slates that the tests of the losses share."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from recsys.types import Slate


@pytest.fixture
def random_slate() -> Callable[..., tuple[Tensor, Slate]]:
    """Makes logits and a slate in float64, with masked cells, weights, log q, and rows without a positive."""

    def make(seed: int, rows: int = 5, columns: int = 6) -> tuple[Tensor, Slate]:
        generator = torch.Generator().manual_seed(seed)

        def uniform() -> Tensor:
            return torch.rand(rows, columns, dtype=torch.float64, generator=generator)

        slate = Slate(
            user=torch.arange(rows),
            items=torch.arange(columns).expand(rows, columns),
            labels=(uniform() < 0.3).double(),
            mask=uniform() < 0.8,
            weights=0.1 + 2 * uniform(),
            log_q=uniform().log(),
        )
        return 6 * uniform() - 3, slate

    return make
