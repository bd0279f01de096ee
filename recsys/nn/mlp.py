"""A multi-layer perceptron."""

from collections.abc import Sequence

from torch import Tensor, nn

from recsys.nn.cell_norm import CellNorm


class MLP(nn.Module):
    """Linear layers, each followed by ReLU and dropout; the last layer, where `out` is given, is linear alone.

    Args:
        width_in: length of the vectors given.
        hidden: widths of the hidden layers.
        out: length of the vectors returned; None ends with the last hidden layer.
        dropout: share of hidden units left out in training.
        batch_norm: normalise each hidden layer's units over the batch before the ReLU.
    """

    def __init__(
        self,
        width_in: int,
        hidden: Sequence[int],
        *,
        out: int | None = None,
        dropout: float = 0.0,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        width = width_in
        for size in hidden:
            layers.append(nn.Linear(width, size))
            layers += [CellNorm(size)] if batch_norm else []
            layers.append(nn.ReLU())
            layers += [nn.Dropout(dropout)] if dropout else []
            width = size
        if out is not None:
            layers.append(nn.Linear(width, out))
            width = out
        self.layers, self.width = nn.Sequential(*layers), width

    def forward(self, vectors: Tensor) -> Tensor:
        """From `[..., width_in]` to `[..., width]`."""
        return self.layers(vectors)
