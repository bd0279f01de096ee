"""The layer of progressive layered extraction."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from recsys.nn.experts import Experts, Gate


class Extraction(nn.Module):
    """Each task mixes its own experts with the shared ones; the shared part mixes all of them.

    Tang et al. 2020, "Progressive Layered Extraction (PLE)", eq. 2-8.

    Args:
        tasks: number of tasks.
        width_in: length of the vectors given.
        hidden: widths of each expert's layers; the last is what the layer returns.
        own: experts of each task.
        shared: experts of all tasks.
        dropout: share of hidden units left out in training.
        last: nothing reads the shared part after this layer.
    """

    def __init__(
        self,
        tasks: int,
        width_in: int,
        hidden: Sequence[int],
        *,
        own: int,
        shared: int,
        dropout: float = 0.0,
        last: bool = False,
    ) -> None:
        super().__init__()
        self.own = nn.ModuleList([Experts(own, width_in, hidden, dropout) for _ in range(tasks)])
        self.shared = Experts(shared, width_in, hidden, dropout)
        self.gates = nn.ModuleList([Gate(width_in, own + shared) for _ in range(tasks)])
        self.common = None if last else Gate(width_in, tasks * own + shared)

    def forward(self, tasks: Sequence[Tensor], shared: Tensor) -> tuple[list[Tensor], Tensor]:
        """A vector `[..., width]` for each task, and the shared one, from such of `[..., width_in]`."""
        common = self.shared(shared)
        own = [experts(vectors) for experts, vectors in zip(self.own, tasks, strict=True)]
        mixed = [
            gate(vectors, torch.cat([experts, common], -2))
            for gate, vectors, experts in zip(self.gates, tasks, own, strict=True)
        ]
        return mixed, shared if self.common is None else self.common(shared, torch.cat([*own, common], -2))
