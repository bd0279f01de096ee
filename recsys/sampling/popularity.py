"""Negatives by how popular they are."""

from typing import final

import torch
from torch import Tensor

from recsys.ops import csr, drawing
from recsys.sampling import Sampler
from recsys.types import Counts, Graph, Need, NonNegative, PositiveInt, Schema, Slate, TrainRows


@final
class Popularity(Sampler):
    """Beside each positive, items drawn by count^power from those that are no positive of the user.

    log q = power log(count) - log(sum of count^power over the items that are no positive of the user). An
    item without a training positive is never drawn. A draw that is still a positive after a few rounds is
    masked.

    Args:
        negatives: for each positive.
        power: 0 draws uniformly from the items with a positive, 1 in proportion to their counts.
    """

    gives = frozenset({"sampling.row", "sampling.both", "sampling.classes"})
    needs = (
        Need("label.classes", "it sets items labelled 1 against items labelled 0", instead=("label.grades",)),
    )

    def __init__(
        self,
        schema: Schema,
        counts: Counts,
        graph: Graph,
        *,
        negatives: PositiveInt = 4,
        power: NonNegative = 0.75,
    ) -> None:
        super().__init__()
        self.negatives, self.n_items = negatives, schema.n_items
        mass = torch.where(counts.items > 0, counts.items.double() ** power, 0.0)
        rows = csr.rows_of(graph.user_items)
        own = torch.zeros(schema.n_users, dtype=torch.float64)
        own.index_add_(0, rows, mass[graph.user_items.idx])
        buffers = {
            "edges": mass.cumsum(0),
            "log_mass": mass.log().float(),
            "log_free": (mass.sum() - own).clamp_min(1e-12).log().float(),
            "taken": csr.keys(graph.user_items, schema.n_items),
        }
        for name, buffer in buffers.items():
            self.register_buffer(name, buffer, persistent=False)
        self.edges: Tensor
        self.log_mass: Tensor
        self.log_free: Tensor
        self.taken: Tensor

    def forward(self, batch: TrainRows, generator: torch.Generator) -> Slate:
        """A slate `[B, 1 + negatives]`, the positive in column 0."""

        def draw(n: int) -> Tensor:
            # In (0, 1], so that neither a leading nor a trailing item without a count is found.
            shares = 1 - torch.rand(n, dtype=torch.float64, generator=generator, device=generator.device)
            return torch.searchsorted(self.edges, shares * self.edges[-1])

        items, valid = drawing.negatives(batch.user, self.taken, self.n_items, self.negatives, draw)
        log_q = self.log_mass[items] - self.log_free[batch.user][:, None]
        return drawing.beside(batch, items, valid, log_q)
