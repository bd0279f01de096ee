"""Numbers as they are."""

from torch import Tensor, nn


class Same(nn.Module):
    """Return what is given, and say how wide it is.

    Args:
        width: length of the vectors.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width

    def forward(self, vectors: Tensor) -> Tensor:
        """`[..., width]`, unchanged."""
        return vectors
