"""Independent source: torch's rule that a copy towards the CPU has to be waited for before it is read."""

import pytest
import torch
from torch import Tensor

from recsys.ops import rows


@pytest.mark.parametrize(("device", "waits"), [("cpu", True), ("meta", False)])
def test_a_copy_to_the_cpu_is_waited_for(monkeypatch: pytest.MonkeyPatch, device: str, waits: bool) -> None:
    asked = []

    def to(values: Tensor, device: torch.device, *, non_blocking: bool = False) -> Tensor:
        asked.append(non_blocking)
        return values

    monkeypatch.setattr(Tensor, "to", to)
    rows.to_device({"a": torch.zeros(2)}, torch.device(device))
    assert asked == [not waits]
