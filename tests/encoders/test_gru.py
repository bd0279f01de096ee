"""The equations of a gated recurrent unit, item by item, without padding."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from recsys.encoders.gru import Gru

KNOWN = [1, 4, 6]
sequences = st.lists(st.lists(st.integers(-1, 9), min_size=4, max_size=4), min_size=1, max_size=6)


def module(layers: int) -> nn.Module:
    torch.manual_seed(0)
    return Gru(layers=layers, init_std=1.0).module({"items": KNOWN}, 3)


def step(gru: nn.GRU, layer: int, x: Tensor, h: Tensor) -> Tensor:
    """r, z = s(W x + U h + b); n = tanh(W x + b + r (U h + c)); h' = (1 - z) n + z h."""
    of_x = getattr(gru, f"weight_ih_l{layer}") @ x + getattr(gru, f"bias_ih_l{layer}")
    of_h = getattr(gru, f"weight_hh_l{layer}") @ h + getattr(gru, f"bias_hh_l{layer}")
    r, z = ((of_x[at : at + 3] + of_h[at : at + 3]).sigmoid() for at in (0, 3))
    n = (of_x[6:] + r * of_h[6:]).tanh()
    return (1 - z) * n + z * h


@pytest.mark.parametrize("layers", [1, 2])
@given(sequences)
@settings(deadline=None, max_examples=30)
def test_the_state_after_the_last_item_is_that_of_the_items_alone(layers: int, rows: list[list[int]]) -> None:
    made = module(layers)
    for vector, row in zip(made(torch.tensor(rows)), rows, strict=True):
        states = [torch.zeros(3) for _ in range(layers)]
        for item in (item for item in row if item >= 0):
            x = made.items.table.weight[KNOWN.index(item) + 1 if item in KNOWN else 0]
            for layer in range(layers):
                x = states[layer] = step(made.gru, layer, x, states[layer])
        expected = states[-1] if max(row) >= 0 else made.items.empty
        assert torch.allclose(vector, expected, atol=1e-5)


def test_the_order_counts_and_padding_does_not() -> None:
    made = module(1)
    a, b, c = made(torch.tensor([[-1, -1, 1, 4], [-1, -1, 4, 1], [1, 4, -1, -1]]))
    assert torch.allclose(a, c, atol=1e-6)
    assert not torch.allclose(a, b, atol=1e-3)


def test_padding_learns_nothing() -> None:
    made = module(2)
    made(torch.tensor([[-1, 4, 6], [-1, -1, -1]])).sum().backward()
    assert made.items.table.weight.grad[:2].tolist() == [[0.0] * 3] * 2
