"""Vectors of differing widths as vectors of one."""

from collections.abc import Sequence
from itertools import zip_longest

import torch
from torch import Tensor, nn


def to_width(width: int, dim: int, *, fixed: bool) -> nn.Module:
    """A map from vectors of one width to those of another: none where they are the same.

    Args:
        fixed: nothing was learned for the vectors, so they get a matrix in any case.
    """
    return nn.Identity() if width == dim and not fixed else nn.Linear(width, dim, bias=False)


class Project(nn.Module):
    """Bring each field's vector to the same width: as it is where it has it, else by a matrix.

    Args:
        widths: of the vectors given.
        dim: of the vectors returned.
        fixed: the vectors that nothing was learned for, which get a matrix in any case.
    """

    def __init__(self, widths: Sequence[int], dim: int, fixed: Sequence[bool] = ()) -> None:
        super().__init__()
        maps = [
            to_width(width, dim, fixed=alone) for width, alone in zip_longest(widths, fixed, fillvalue=False)
        ]
        self.maps, self.dim = nn.ModuleList(maps), dim

    def forward(self, vectors: Sequence[Tensor], index: Tensor) -> Tensor:
        """From F vectors `[..., width]` to `[..., F, dim]`; a field of zeros where there is none.

        Args:
            index: `[...]`, of which entities they are.
        """
        if not vectors:
            return torch.zeros(*index.shape, 1, self.dim, device=index.device)
        return torch.stack([map_(vector) for map_, vector in zip(self.maps, vectors, strict=True)], -2)
