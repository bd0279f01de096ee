"""Negatives from all items alike."""

from typing import final

import torch
from torch import Tensor

from recsys.nn.pairs import Pairs
from recsys.ops import csr, drawing
from recsys.sampling import Sampler
from recsys.types import Graph, Need, PositiveInt, Schema, Slate, TrainRows


@final
class Uniform(Sampler):
    """Beside each positive, items drawn uniformly with replacement from those that are no positive of the user.

    log q = -log(items - positives of the user). A draw that is still a positive after a few rounds is masked.

    Args:
        negatives: for each positive.
    """

    gives = frozenset({"sampling.row", "sampling.both", "sampling.classes"})
    needs = (
        Need("label.classes", "it sets items labelled 1 against items labelled 0", instead=("label.grades",)),
    )

    def __init__(self, schema: Schema, graph: Graph, *, negatives: PositiveInt = 4) -> None:
        super().__init__()
        self.negatives, self.n_items = negatives, schema.n_items
        free = (schema.n_items - csr.lengths(graph.user_items)).clamp_min(1)
        self.register_buffer("log_q", -free.float().log(), persistent=False)
        self.log_q: Tensor
        self.taken = Pairs(graph.user_items, schema.n_items)

    def forward(self, batch: TrainRows, generator: torch.Generator) -> Slate:
        """A slate `[B, 1 + negatives]`, the positive in column 0."""

        def draw(n: int) -> Tensor:
            return torch.randint(self.n_items, (n,), generator=generator, device=generator.device)

        items, valid = drawing.negatives(batch.user, self.taken.where, self.negatives, draw)
        return drawing.beside(batch, items, valid, self.log_q[batch.user][:, None])
