"""Uniformly drawn negatives that the whole batch shares."""

from dataclasses import replace
from typing import final

import torch
from torch import Tensor

from recsys.nn.links import Links
from recsys.ops import csr, sharing
from recsys.sampling import Sampler
from recsys.types import Graph, Need, PositiveInt, Schema, Slate, TrainRows


@final
class Shared(Sampler):
    """Beside its own positive each row has the same items, drawn uniformly from the catalogue with replacement.

    A step reads one vector for each of them, not one for each row: hundreds cost about what a few cost that
    every row draws for itself. Those that are a positive of the row's user do not count for it, so that the
    others are uniform among the rest and log q = -log(items - positives of the user).

    Args:
        negatives: of all rows together.
    """

    gives = frozenset({"sampling.row", "sampling.both", "sampling.classes"})
    needs = (
        Need("model.towers", "it scores every user of the batch with every item that was drawn"),
        Need("label.classes", "it sets items labelled 1 against items labelled 0", instead=("label.grades",)),
    )

    def __init__(self, schema: Schema, graph: Graph, *, negatives: PositiveInt = 256) -> None:
        super().__init__()
        self.negatives, self.n_items = negatives, schema.n_items
        free = (schema.n_items - csr.lengths(graph.user_items)).clamp_min(1)
        self.register_buffer("log_q", -free.float().log(), persistent=False)
        self.taken = Links(graph.user_items)
        self.log_q: Tensor

    def forward(self, batch: TrainRows, generator: torch.Generator) -> Slate:
        """A slate with items `[B + negatives]`, and labels, mask and log_q `[B, B + negatives]`."""
        drawn = torch.randint(self.n_items, (self.negatives,), generator=generator, device=generator.device)
        size = len(batch.item)
        log_q = self.log_q[batch.user][:, None].expand(-1, size + self.negatives)
        slate = sharing.slate(batch, drawn, self.taken.csr, log_q)
        others = torch.arange(size + self.negatives, device=drawn.device) >= size
        return replace(slate, mask=slate.mask & (others | (slate.labels > 0)))
