"""Independent source: the attention of all candidates at once."""

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from recsys.nn import target_attention
from recsys.nn.target_attention import TargetAttention


class Largest(TorchDispatchMode):
    """Remembers how many numbers the largest tensor made within it has."""

    numbers = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        out = func(*args, **(kwargs or {}))
        if isinstance(out, Tensor):
            self.numbers = max(self.numbers, out.numel())
        return out


@pytest.mark.parametrize("shared", [True, False])
def test_candidates_are_scored_in_blocks_that_fit_the_history(
    shared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    unit, history, there = TargetAttention(4, 6), torch.randn(2, 10, 4), torch.rand(2, 10) > 0.3
    targets = torch.randn(50, 4) if shared else torch.randn(2, 50, 4)
    whole = unit(history, there, targets)
    monkeypatch.setattr(target_attention, "CELLS", 7 * 2 * 10 * 6)
    with torch.no_grad(), Largest() as largest:
        seen = unit(history, there, targets)
    torch.testing.assert_close(seen, whole, atol=1e-6, rtol=1e-6)
    assert largest.numbers <= 7 * 2 * 10 * 6
