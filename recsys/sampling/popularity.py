"""Negatives by how popular they are."""

from typing import final

import torch
from torch import Tensor

from recsys.nn.pairs import Pairs
from recsys.ops import alias, csr, drawing, rows
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
        self.negatives = negatives
        mass = torch.where(counts.items > 0, counts.items.double() ** power, 0.0)
        owner = csr.rows_of(graph.user_items)
        own = torch.zeros(schema.n_users, dtype=torch.float64)
        own.index_add_(0, owner, mass[graph.user_items.idx])
        share, pair = alias.tables(mass)
        buffers = {
            "share": share,
            "pair": pair,
            "log_mass": mass.log().float(),
            "log_free": (mass.sum() - own).clamp_min(1e-12).log().float(),
        }
        for name, buffer in buffers.items():
            self.register_buffer(name, buffer, persistent=False)
        self.share: Tensor
        self.pair: Tensor
        self.log_mass: Tensor
        self.log_free: Tensor
        self.taken = Pairs(graph.user_items, schema.n_items)

    def forward(self, batch: TrainRows, generator: torch.Generator) -> Slate:
        """A slate `[B, 1 + negatives]`, the positive in column 0."""

        def draw(n: int) -> Tensor:
            return alias.draw(n, self.share, self.pair, generator)

        items, valid = drawing.negatives(batch.user, self.taken.where, self.negatives, draw)
        log_q = rows.gather(self.log_mass, items).sub_(self.log_free[batch.user][:, None])
        return drawing.beside(batch, items, valid, log_q)
