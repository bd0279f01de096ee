"""Negatives that the model itself ranks high."""

import math
from typing import final

import torch
from torch import Tensor

from recsys.nn.links import Links
from recsys.ops import csr, drawing
from recsys.sampling import Sampler
from recsys.types import (
    Csr,
    Fraction,
    Graph,
    Need,
    NonNegativeInt,
    PositiveInt,
    Schema,
    Slate,
    TrainRows,
)

CELLS = 2**22
"""Scores held at once."""


@final
class Hard(Sampler):
    """Beside each positive, items drawn from those that the model ranks highest for the query.

    The catalogue's vectors are taken every few steps, the queries' at each; their products are exact, in
    blocks. The user's training positives are struck out; the `skip` items ranked next are taken for positives
    that the log has not seen yet; the `pool` after them are drawn from uniformly, with replacement. Huang et
    al. 2020, "Embedding-based Retrieval in Facebook Search", sec. 6.1, found ranks 101-500 better than the very
    first, and a mix with random negatives better than hard ones alone: a draw is uniform over all items that
    are no positive of the user with probability `uniform`. So

        q = uniform / free + (1 - uniform) / pool where the item is in the pool, else uniform / free

    with what is there of the pool, and free the number of items that are no positive of the user; q = 1 / free
    where there is no pool. A user who has taken up everything has no negatives.

    Args:
        negatives: for each positive.
        pool: how many ranks are drawn from.
        skip: how many of the first ranks are left out.
        uniform: share of the draws from all items alike.
        every: steps between two looks at the catalogue; an epoch begins with one.
    """

    gives = frozenset({"sampling.row", "sampling.both", "sampling.classes"})
    needs = (
        Need("model.towers", "it ranks all items by the product of their vectors with the query's"),
        Need("label.classes", "it sets items labelled 1 against items labelled 0", instead=("label.grades",)),
    )

    def __init__(
        self,
        schema: Schema,
        graph: Graph,
        *,
        negatives: PositiveInt = 4,
        pool: PositiveInt = 100,
        skip: NonNegativeInt = 10,
        uniform: Fraction = 0.5,
        every: PositiveInt = 50,
    ) -> None:
        super().__init__()
        self.n_items, self.negatives, self.pool, self.skip = schema.n_items, negatives, pool, skip
        self.uniform, self.every = uniform, every
        self.register_buffer("index", torch.zeros(0, 0), persistent=False)
        self.taken = Links(graph.user_items)
        self.index: Tensor

    def forward(self, batch: TrainRows, generator: torch.Generator) -> Slate:
        """A slate `[B, 1 + negatives]`, the positive in column 0."""
        assert self.scorer is not None, "the training loop hands the scorer in"
        if self.scorer.step % self.every == 0 or not len(self.index):
            self.index = self.scorer.items()
        taken = csr.take(self.taken.csr, batch.user)
        pool = self._ranked(self.scorer.users(batch), taken)
        there = (pool >= 0).sum(1, keepdim=True)
        free = self.n_items - csr.lengths(taken)[:, None]
        shape = (3, len(batch.user), self.negatives)
        drawn = torch.rand(shape, dtype=torch.float64, generator=generator, device=generator.device)
        hard = (drawn[0] >= self.uniform) & (there > 0)
        easy = drawing.nth_free(taken, _below(drawn[1], free)).clamp_max(self.n_items - 1)
        items = torch.where(hard, pool.gather(1, _below(drawn[2], there)), easy)
        log_q = self._log_q(items, pool, there, free)
        return drawing.beside(batch, items, (free > 0).expand(items.shape), log_q)

    def _ranked(self, queries: Tensor, taken: Csr) -> Tensor:
        """The items of each query's pool, `[B, pool]`, first those that are there, then -1."""
        size = max(1, CELLS // self.n_items)
        starts = range(0, len(queries), size)
        blocks = [(queries[at : at + size], csr.part(taken, at, min(at + size, len(queries)))) for at in starts]
        return torch.cat([self._best(*block) for block in blocks])

    def _best(self, queries: Tensor, taken: Csr) -> Tensor:
        scores = queries @ self.index.T
        scores[csr.rows_of(taken), taken.idx] = -math.inf
        best = scores.topk(min(self.skip + self.pool, self.n_items), dim=1)
        pool = torch.where(best.values > -math.inf, best.indices, -1)[:, self.skip :]
        return pool if pool.shape[1] else torch.full_like(best.indices[:, :1], -1)

    def _log_q(self, items: Tensor, pool: Tensor, there: Tensor, free: Tensor) -> Tensor:
        """Of the mixture, `[B, N]`.

        Args:
            there, free: `[B, 1]`, the size of each pool, and of what is no positive of the user.
        """
        inside = (items[:, :, None] == pool[:, None, :]).any(2)
        uniform = torch.where(there > 0, self.uniform, 1.0).double()
        chance = uniform / free.clamp_min(1) + inside * (1 - uniform) / there.clamp_min(1)
        return chance.clamp_min(1e-12).log().float()


def _below(share: Tensor, size: Tensor) -> Tensor:
    """Whole numbers from 0 up to, not including, the size; 0 where it is 0."""
    return torch.minimum((share * size).long(), (size - 1).clamp_min(0))
