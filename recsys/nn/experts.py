"""Networks that share the work, and gates that say how much each counts."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from recsys.nn.mlp import MLP


class Experts(nn.Module):
    """Several MLPs over the same vectors.

    Args:
        number: of experts.
        width_in: length of the vectors given.
        hidden: widths of each expert's layers; the last is what it returns.
        dropout: share of hidden units left out in training.
    """

    def __init__(self, number: int, width_in: int, hidden: Sequence[int], dropout: float = 0.0) -> None:
        super().__init__()
        self.experts = nn.ModuleList([MLP(width_in, hidden, dropout=dropout) for _ in range(number)])
        self.number, self.width = number, hidden[-1]

    def forward(self, vectors: Tensor) -> Tensor:
        """From `[..., width_in]` to `[..., number, width]`."""
        return torch.stack([expert(vectors) for expert in self.experts], -2)


class Gate(nn.Module):
    """The mean of experts, weighted by softmax(W x): Ma et al. 2018, eq. 6 and 7.

    Args:
        width_in: length of the vectors that the weights are made of.
        number: of experts.
    """

    def __init__(self, width_in: int, number: int) -> None:
        super().__init__()
        self.weights = nn.Linear(width_in, number, bias=False)

    def forward(self, vectors: Tensor, experts: Tensor) -> Tensor:
        """`[..., width]` from `[..., width_in]` and experts `[..., number, width]`."""
        return (self.weights(vectors).softmax(-1).unsqueeze(-1) * experts).sum(-2)


class Heads(nn.Module):
    """A tower for each task that ends in one number.

    Args:
        number: of tasks.
        width_in: length of the vectors given.
        hidden: widths of each tower's hidden layers.
        dropout: share of hidden units left out in training.
    """

    def __init__(self, number: int, width_in: int, hidden: Sequence[int], dropout: float = 0.0) -> None:
        super().__init__()
        towers = [MLP(width_in, hidden, out=1, dropout=dropout) for _ in range(number)]
        self.towers = nn.ModuleList(towers)

    def forward(self, vectors: Sequence[Tensor]) -> Tensor:
        """From a vector `[..., width_in]` for each task to `[..., number]`."""
        return torch.cat([tower(v) for tower, v in zip(self.towers, vectors, strict=True)], -1)
