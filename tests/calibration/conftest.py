"""Simulated rows whose true probabilities are known."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

Simulate = Callable[..., tuple[Tensor, Tensor]]


@pytest.fixture(scope="session")
def simulate() -> Simulate:
    """Makes true logits and labels drawn from them, float64."""

    def make(
        n: int = 20_000, *, mean: float = -1.5, spread: float = 1.5, seed: int = 0
    ) -> tuple[Tensor, Tensor]:
        generator = torch.Generator().manual_seed(seed)
        logit = mean + spread * torch.randn(n, generator=generator, dtype=torch.float64)
        drawn = torch.rand(n, generator=generator, dtype=torch.float64)
        return logit, (drawn < logit.sigmoid()).double()

    return make
