"""The cross layer."""

from torch import Tensor, nn


class CrossLayer(nn.Module):
    """x_0 * (W x + b) + x, with W = U V of a lower rank where that is given.

    Wang et al. 2021, "DCN V2: Improved Deep & Cross Network and Practical Lessons for Web-scale Learning to
    Rank Systems", eq. 1 and 2.

    Args:
        width: length of the vectors.
        rank: of W; None for a full matrix.
    """

    def __init__(self, width: int, rank: int | None) -> None:
        super().__init__()
        full = nn.Linear(width, width)
        self.map = (
            full if rank is None else nn.Sequential(nn.Linear(width, rank, bias=False), nn.Linear(rank, width))
        )

    def forward(self, first: Tensor, vectors: Tensor) -> Tensor:
        """From x_0 and x, both `[..., width]`, to `[..., width]`."""
        return first * self.map(vectors) + vectors
