"""Vectors of ids, whatever their encoder makes of them."""

import torch

from recsys.nn.ids import IdVectors
from recsys.nn.same import Same
from recsys.types import Field, Schema


def test_vectors_of_an_encoder_that_learns_nothing_are_learnt_from_also_where_they_have_the_size() -> None:
    """One-hot ids of width 5 give a learned vector each at every size, 5 too."""
    for size in (4, 5, 6):
        ids = IdVectors(
            Schema(5, 5, (Field("i", "item", "id", torch.eye(5), lambda dim: Same(5)),)), "item", size, ""
        )
        assert sum(parameter.numel() for parameter in ids.parameters()) == 5 * size
        assert ids(torch.arange(5)).shape == (5, size)
