"""Clipping gradients, some of which may be sparse."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn


def clip(parameters: Iterable[nn.Parameter], most: float, algorithm: str | None) -> None:
    """Shorten the gradients, taken as one vector, to a length of at most `most`, or clamp each of its entries.

    The same as torch's clipping, for sparse gradients too: an entry of a row that is used twice is the sum.

    Args:
        algorithm: `norm` (also None), or `value`.
    """
    entries = [_entries(parameter) for parameter in parameters if parameter.grad is not None]
    if algorithm == "value":
        for values in entries:
            values.clamp_(-most, most)
    elif entries:
        length = torch.stack([values.norm() for values in entries]).norm()
        factor = (most / (length + 1e-6)).clamp(max=1.0)
        for values in entries:
            values.mul_(factor)


def _entries(parameter: nn.Parameter) -> Tensor:
    """The numbers of a gradient, to be changed in place; those of a sparse one each once."""
    assert parameter.grad is not None
    if not parameter.grad.is_sparse:
        return parameter.grad
    parameter.grad = parameter.grad.coalesce()
    return parameter.grad.values()
