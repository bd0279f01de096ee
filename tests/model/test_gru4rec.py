"""Independent source: Cho et al. 2014's gates by hand, one user at a time, without padding."""

import pytest
import torch
from torch import Tensor

from recsys.model.gru4rec import GRU4Rec
from recsys.types import Schema, Slate


def slow(model: GRU4Rec, history: list[int]) -> Tensor:
    """The state after the last item."""
    gru, state = model.gru, torch.zeros(model.gru.hidden_size)
    if not history:
        return model.empty
    for vector in model.past.items(torch.tensor(history)):
        given = (gru.weight_ih_l0 @ vector + gru.bias_ih_l0).chunk(3)
        known = (gru.weight_hh_l0 @ state + gru.bias_hh_l0).chunk(3)
        reset, update = ((g + k).sigmoid() for g, k in zip(given[:2], known[:2], strict=True))
        new = (given[2] + reset * known[2]).tanh()
        state = (1 - update) * new + update * state
    return state


@pytest.mark.parametrize("tied", [True, False])
def test_the_score_is_the_state_times_the_output_vector_plus_a_bias(
    schema: Schema, slate: Slate, tied: bool
) -> None:
    torch.manual_seed(0)
    model = GRU4Rec(schema, dim=5, tied=tied).eval()
    logits = model(slate)
    output = model.past.items if model.output is None else model.output
    for row, items in enumerate(slate.context["user_history"].tolist()):
        state = slow(model, [item for item in items if item >= 0])
        expected = output(slate.items[row]) @ state + model.bias(slate.items[row])[:, 0]
        torch.testing.assert_close(logits[row], expected)
