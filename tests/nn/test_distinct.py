"""Independent source: the sum of as many ones as there are reads."""

import pytest
import torch
from torch import nn

from recsys.nn.distinct import once


@pytest.mark.parametrize("mixed", [False, True])
def test_the_gradient_of_an_item_that_is_read_often_is_the_number_of_reads(mixed: bool) -> None:
    layer = nn.Linear(1, 3)
    with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
        once(torch.zeros(1024, 4, dtype=torch.int64), lambda item: layer(item[:, None] + 1.0)).sum().backward()
    assert layer.bias.grad is not None
    assert layer.bias.grad.tolist() == [4096, 4096, 4096]


def test_an_encoding_in_64_bits_stays_one() -> None:
    index = torch.tensor([[2, 0], [2, 2]])
    vectors = once(index, lambda item: item[:, None].double())
    assert torch.equal(vectors, index[..., None].double())
