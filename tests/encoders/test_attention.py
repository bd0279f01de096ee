"""Attention over a sequence against a Python loop."""

import math

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from recsys.encoders.attention import Attention

KNOWN = [1, 4, 6]
sequences = st.lists(st.lists(st.integers(-1, 9), min_size=4, max_size=4), min_size=1, max_size=6)


def module(query: float = 3.0) -> nn.Module:
    torch.manual_seed(0)
    made = Attention(init_std=0.5).module({"items": KNOWN}, 3)
    nn.init.normal_(made.query, std=query)
    return made


@given(sequences)
@settings(deadline=None, max_examples=50)
def test_items_weigh_by_the_softmax_of_the_query_and_tanh_of_their_keys(rows: list[list[int]]) -> None:
    made = module()
    table = made.items.table.weight
    for vector, row in zip(made(torch.tensor(rows)), rows, strict=True):
        found = [table[KNOWN.index(item) + 1 if item in KNOWN else 0] for item in row if item >= 0]
        weights = [math.exp(((made.keys.weight @ v).tanh() @ made.query).item()) for v in found]
        pooled = sum((w * v for w, v in zip(weights, found, strict=True)), torch.zeros(3))
        expected = pooled / sum(weights) if found else made.items.empty
        assert torch.allclose(vector, expected, atol=1e-5)


def test_it_begins_as_the_mean() -> None:
    made = Attention().module({"items": KNOWN}, 3)
    table = made.items.table.weight
    vector = made(torch.tensor([-1, 1, 99, 6]))
    assert torch.allclose(vector, (table[1] + table[0] + table[3]) / 3, atol=1e-6)


def test_padding_learns_nothing() -> None:
    made = module()
    made(torch.tensor([[-1, 4, 6], [-1, -1, -1]])).sum().backward()
    assert made.items.table.weight.grad[:2].tolist() == [[0.0] * 3] * 2
    assert bool(made.query.grad.abs().sum() > 0)
    assert bool(made.keys.weight.grad.abs().sum() > 0)
