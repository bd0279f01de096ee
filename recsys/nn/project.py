"""Vectors of differing widths as vectors of one."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Project(nn.Module):
    """Bring each field's vector to the same width: as it is where it has it, else by a matrix.

    Args:
        widths: of the vectors given.
        dim: of the vectors returned.
    """

    def __init__(self, widths: Sequence[int], dim: int) -> None:
        super().__init__()
        maps = [nn.Identity() if width == dim else nn.Linear(width, dim, bias=False) for width in widths]
        self.maps, self.dim = nn.ModuleList(maps), dim

    def forward(self, vectors: Sequence[Tensor]) -> Tensor:
        """From F vectors `[..., width]` to `[..., F, dim]`."""
        return torch.stack([map_(vector) for map_, vector in zip(self.maps, vectors, strict=True)], -2)
