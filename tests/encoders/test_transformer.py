"""torch's own TransformerEncoder, norm first, on each sequence's items alone, with the weights of ours."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from recsys.encoders.transformer import Transformer
from recsys.types import UserError

KNOWN = [1, 4, 6]
WIDTH, HEADS, MOST = 6, 2, 3
sequences = st.lists(st.lists(st.integers(-1, 9), min_size=5, max_size=5), min_size=1, max_size=5)


def module(*, causal: bool = True) -> nn.Module:
    torch.manual_seed(0)
    encoder = Transformer(blocks=2, heads=HEADS, causal=causal, positions=MOST, init_std=1.0)
    return encoder.module({"items": KNOWN}, WIDTH).eval()


def theirs(block: nn.Module) -> nn.TransformerEncoderLayer:
    layer = nn.TransformerEncoderLayer(WIDTH, HEADS, 4 * WIDTH, 0.0, norm_first=True, batch_first=True)
    attention = layer.self_attn
    with torch.no_grad():
        for ours, other in (
            (block.mixed.weight, attention.in_proj_weight),
            (block.mixed.bias, attention.in_proj_bias),
            (block.joined.weight, attention.out_proj.weight),
            (block.joined.bias, attention.out_proj.bias),
            (block.hidden.weight, layer.linear1.weight),
            (block.hidden.bias, layer.linear1.bias),
            (block.out.weight, layer.linear2.weight),
            (block.out.bias, layer.linear2.bias),
        ):
            other.copy_(ours)
    return layer


def slow(made: nn.Module, row: list[int], *, causal: bool) -> Tensor:
    items = [item for item in row if item >= 0][-MOST:]
    if not items:
        return made.items.empty
    places = torch.tensor([KNOWN.index(item) + 1 if item in KNOWN else 0 for item in items])
    back = torch.arange(len(items) - 1, -1, -1)
    vectors = (made.items.table(places) + made.positions(back)).unsqueeze(0)
    mask = torch.full((len(items), len(items)), -torch.inf).triu(1) if causal else None
    for block in made.blocks:
        vectors = theirs(block)(vectors, src_mask=mask)
    return nn.functional.layer_norm(vectors[0, -1], (WIDTH,))


@pytest.mark.parametrize("causal", [True, False])
@given(sequences)
@settings(deadline=None, max_examples=20)
def test_a_sequence_is_what_torchs_layers_make_of_its_latest_items(causal: bool, rows: list[list[int]]) -> None:
    made = module(causal=causal)
    for vector, row in zip(made(torch.tensor(rows)), rows, strict=True):
        assert torch.allclose(vector, slow(made, row, causal=causal), atol=1e-4)


def test_padding_learns_nothing_and_gradients_are_finite() -> None:
    made = module().train()
    made(torch.tensor([[-1, -1, 4], [-1, -1, -1]])).square().sum().backward()
    assert made.items.table.weight.grad[:2].tolist() == [[0.0] * WIDTH] * 2
    assert made.positions.weight.grad[1:].tolist() == [[0.0] * WIDTH] * 2
    assert all(bool(p.grad.isfinite().all()) for p in made.parameters())


def test_heads_that_do_not_divide_the_vectors_are_refused() -> None:
    with pytest.raises(UserError, match="heads=4 do not divide vectors of length 6"):
        Transformer(heads=4).module({"items": KNOWN}, WIDTH)
