"""Clipping against torch's own on the dense equivalent, and through a run."""

import pytest
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_, clip_grad_value_

from recsys.train.clipping import clip


def nets() -> tuple[nn.Sequential, nn.Sequential]:
    torch.manual_seed(0)
    ours = nn.Sequential(nn.Embedding(6, 3, sparse=True), nn.Linear(3, 2))
    theirs = nn.Sequential(nn.Embedding(6, 3), nn.Linear(3, 2))
    theirs.load_state_dict(ours.state_dict())
    for net in (ours, theirs):
        net(torch.tensor([1, 1, 4])).exp().sum().backward()
    return ours, theirs


@pytest.mark.parametrize("most", [0.1, 3.0, 1e6])
@pytest.mark.parametrize("algorithm", ["norm", "value", None])
def test_sparse_gradients_are_clipped_as_torch_clips_dense_ones(algorithm: str | None, most: float) -> None:
    ours, theirs = nets()
    clip(ours.parameters(), most, algorithm)
    if algorithm == "value":
        clip_grad_value_(theirs.parameters(), most)
    else:
        clip_grad_norm_(theirs.parameters(), most)
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert mine.grad is not None
        torch.testing.assert_close(mine.grad.to_dense(), other.grad)
