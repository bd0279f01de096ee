"""Negatives of the positive's own group of items, and of the others."""

from typing import final

import torch
from torch import Tensor

from recsys.nn.links import Links
from recsys.ops import attributes, csr, drawing, grouping
from recsys.sampling import Sampler
from recsys.types import Csr, Facts, Fraction, Need, PositiveInt, Schema, Slate, TrainRows


@final
class Cluster(Sampler):
    """Beside each positive, items of its own cluster with probability `same`, else of the other clusters.

    Within either side uniformly with replacement among the items that are no positive of the user, so

        log q = log(same) - log(free items of the cluster), or log(1 - same) - log(free items of the others)

    and where one side has no free item, all draws are of the other. Those of the same cluster are hard to tell
    from the positive, those of others easy: the share sets how hard. Nothing is drawn in vain: the k-th free
    item is found directly. A user who has taken up everything has no negatives.

    Args:
        negatives: for each positive.
        same: share of the draws from the positive's own cluster.
        column: an item column of type category or categories (an item is of the rarest of its categories);
            null clusters the items by who took them up.
        clusters: how many, where no column is named; k-means over the singular vectors of the training graph.
    """

    gives = frozenset({"sampling.row", "sampling.both", "sampling.classes"})
    needs = (
        Need("label.classes", "it sets items labelled 1 against items labelled 0", instead=("label.grades",)),
    )

    def __init__(
        self,
        schema: Schema,
        facts: Facts,
        *,
        negatives: PositiveInt = 4,
        same: Fraction = 0.5,
        column: str | None = None,
        clusters: PositiveInt = 50,
    ) -> None:
        super().__init__()
        self.negatives, self.same, self.n_items = negatives, same, schema.n_items
        if column is None:
            cluster = grouping.by_users(facts.graph.item_users, schema.n_users, clusters)
        else:
            types = ("category", "categories")
            named = attributes.choose("sampling.column", column, facts.items, "item", types)
            cluster = grouping.by_column(named)
        order = cluster.argsort(stable=True)
        place = torch.empty_like(order)
        place[order] = torch.arange(self.n_items)
        size = torch.bincount(cluster)
        buffers = {
            "order": order,
            "place": place,
            "start": (size.cumsum(0) - size)[cluster],
            "size": size[cluster],
        }
        for name, buffer in buffers.items():
            self.register_buffer(name, buffer, persistent=False)
        self.order: Tensor
        self.place: Tensor
        self.start: Tensor
        self.size: Tensor
        self.taken = Links(facts.graph.user_items)

    def forward(self, batch: TrainRows, generator: torch.Generator) -> Slate:
        """A slate `[B, 1 + negatives]`, the positive in column 0."""
        start, size = self.start[batch.item], self.size[batch.item]
        taken = self._taken(batch.user, start)
        within = csr.sums(taken.idx < size[csr.rows_of(taken)], taken.ptr)
        near, far = size - within, self.n_items - size - (csr.lengths(taken) - within)
        share = torch.where(near > 0, torch.where(far > 0, self.same, 1.0), 0.0).double()[:, None]
        shape = (2, len(batch.user), self.negatives)
        chance, height = torch.rand(shape, dtype=torch.float64, generator=generator, device=generator.device)
        own = chance < share
        near, far = near[:, None], far[:, None]
        free = torch.where(own, near, far)
        nth = torch.minimum((height * free).long(), free - 1) + torch.where(own, 0, near)
        items = self.order[(start[:, None] + drawing.nth_free(taken, nth)) % self.n_items]
        log_q = torch.where(own, share, 1 - share).log() - free.clamp_min(1).log()
        return drawing.beside(batch, items, free > 0, log_q.float())

    def _taken(self, user: Tensor, start: Tensor) -> Csr:
        """Where the user's positives stand, ascending, if the row's own cluster comes first."""
        lists = csr.take(self.taken.csr, user)
        row = csr.rows_of(lists)
        place = (self.place[lists.idx] - start[row]) % self.n_items
        keys = (row * self.n_items + place).sort().values
        return Csr(ptr=lists.ptr, idx=keys - row * self.n_items)
