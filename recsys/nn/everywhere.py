"""What all processes have of a batch that was divided among them."""

from typing import Any

import torch
from torch import Tensor, distributed
from torch.autograd import Function

from recsys.types import Slate


def rows_of_all(values: Tensor, slate: Slate) -> Tensor:
    """The rows of all shares, `[shares x B, ...]`, those of one share after those of another.

    Gradients go back to the share that the row is from, the sum of what all processes make of it: the mean over
    processes, which `trainer=ddp` takes, is then the gradient of one.

    Args:
        values: `[B, ...]`, of this share.
    """
    return values if slate.shares == 1 else _Gather.apply(values)  # type: ignore[return-value]


class _Gather(Function):
    """All processes' tensors, one below the other."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        parts = [torch.empty_like(values) for _ in range(distributed.get_world_size())]
        distributed.all_gather(parts, values.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> Tensor:
        total = grad_outputs[0].clone(memory_format=torch.contiguous_format)
        distributed.all_reduce(total)
        return total.chunk(distributed.get_world_size())[distributed.get_rank()]
