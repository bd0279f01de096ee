"""The mean against a Python loop over the items."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.encoders.mean import Mean

KNOWN = [1, 4, 6]
sequences = st.lists(st.lists(st.integers(-1, 9), min_size=4, max_size=4), min_size=1, max_size=6)


@given(sequences)
@settings(deadline=None, max_examples=50)
def test_items_count_as_often_as_they_come_and_unseen_ones_share_a_vector(rows: list[list[int]]) -> None:
    torch.manual_seed(0)
    module = Mean().module({"items": KNOWN}, 3)
    table, empty = module.items.table.weight, module.items.empty
    for vector, row in zip(module(torch.tensor(rows)), rows, strict=True):
        found = [table[KNOWN.index(item) + 1 if item in KNOWN else 0] for item in row if item >= 0]
        expected = sum(found[1:], found[0]) / len(found) if found else empty
        assert torch.allclose(vector, expected, atol=1e-6)


def test_padding_learns_nothing_and_the_empty_sequence_its_own_vector() -> None:
    module = Mean(dim=2).module({"items": KNOWN}, 8)
    module(torch.tensor([[-1, -1, 4], [-1, -1, -1], [-1, 7, 6]])).sum().backward()
    assert module.items.table.weight.grad.tolist() == [[0.5, 0.5], [0, 0], [1, 1], [0.5, 0.5]]
    assert module.items.empty.grad.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("items", [[], [0], [7]])
def test_any_items_may_be_known(items: list[int]) -> None:
    module = Mean().module({"items": items}, 3)
    vectors = module(torch.tensor([[[0, 7], [1_000_000, -1]]]))
    assert vectors.shape == (1, 2, 3)
    assert torch.equal(vectors[0, 1], module.items.table.weight[0])
