"""Independent source: values that are equal or not by their definition."""

import math

import pytest
import torch

from recsys.ops.comparing import same

EQUAL = [
    ({"a": [1, 2.5, "x"]}, {"a": [1, 2.5, "x"]}),
    ({"mean": math.nan}, {"mean": math.nan}),
    ({"t": torch.tensor([1, 2])}, {"t": torch.tensor([1, 2])}),
    ([], ()),
]
DIFFERENT = [
    ({"a": 1}, {"b": 1}),
    ({"a": [1, 2]}, {"a": [1, 3]}),
    ([1], [1, 2]),
    (math.nan, 0.0),
    (torch.tensor([1]), torch.tensor([[1]])),
    ({"a": 1}, None),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equal_values_are_the_same(one: object, other: object) -> None:
    assert same(one, other)
    assert same(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_others_are_not(one: object, other: object) -> None:
    assert not same(one, other)
    assert not same(other, one)
