"""A gate between passing and damping, learned from the data."""

import torch
from torch import Tensor, nn

from recsys.nn.cell_norm import CellNorm


class Dice(nn.Module):
    """p x + (1 - p) a x with p = sigmoid(batch norm(x)) and a learned for each unit.

    Zhou et al. 2018, "Deep Interest Network for Click-Through Rate Prediction", eq. 4.

    Args:
        width: number of units.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = CellNorm(width, affine=False)
        self.slope = nn.Parameter(torch.zeros(width))

    def forward(self, values: Tensor) -> Tensor:
        """From `[..., width]` to `[..., width]`."""
        passing = self.norm(values).sigmoid()
        return values * (passing + (1 - passing) * self.slope)
