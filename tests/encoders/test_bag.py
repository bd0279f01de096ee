"""Attention over a list against a Python loop; mean and sum are in test_encoders.py."""

import math

import polars as pl
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from recsys.encoders.bag import Bag

lists = st.lists(st.none() | st.lists(st.sampled_from("abcdxyz"), max_size=4), min_size=1, max_size=6)
ENCODER = Bag(pooling="attention")
STATE = {"values": ["a", "b", "c", "d"]}


def column(values: list[list[str] | None]) -> pl.Series:
    return pl.Series("c", values, dtype=pl.List(pl.String))


def module(query: float = 20.0) -> nn.Module:
    torch.manual_seed(0)
    made = ENCODER.module(STATE, 3)
    nn.init.normal_(made.query, std=query)
    return made


@given(lists)
@settings(deadline=None, max_examples=40)
def test_known_values_weigh_by_the_softmax_of_their_product_with_the_query(
    values: list[list[str] | None],
) -> None:
    made = module()
    vectors = made(ENCODER.encode(column(values), STATE))
    for vector, texts in zip(vectors, values, strict=True):
        known = [made.table.weight["abcd".index(t) + 1] for t in texts or [] if t in "abcd"]
        weights = [math.exp((v @ made.query).item() / math.sqrt(3)) for v in known]
        pooled = sum(w * v for w, v in zip(weights, known, strict=True))
        expected = pooled / sum(weights) if known else made.empty
        assert torch.allclose(vector, expected, atol=1e-5)


def test_it_begins_as_the_mean() -> None:
    made = ENCODER.module(STATE, 3)
    vector = made(ENCODER.encode(column([["a", "c", "unseen"]]), STATE))[0]
    assert torch.allclose(vector, (made.table.weight[1] + made.table.weight[3]) / 2, atol=1e-6)


def test_padding_learns_nothing_and_the_empty_list_its_own_vector() -> None:
    made = module()
    made(ENCODER.encode(column([["a", "b"], [], None, ["unseen"]]), STATE)).sum().backward()
    assert made.table.weight.grad[0].tolist() == [0.0, 0.0, 0.0]
    assert made.empty.grad.tolist() == [3.0, 3.0, 3.0]
    assert bool(made.query.grad.abs().sum() > 0)
