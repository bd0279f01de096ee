"""Items like those that the user took up."""

from typing import Literal, final

import torch
from torch import Tensor

from recsys.model import WholeRows
from recsys.nn.links import Links
from recsys.ops import csr, gram
from recsys.types import Fraction, Graph, NonNegative, PositiveInt, Schema, TrainRows

Similarity = Literal["cosine", "jaccard", "conditional"]


@final
class ItemKNN(WholeRows):
    """Score = sum over the user's training items h of sim(h, i), where i is among the k items most like h.

    Deshpande and Karypis 2004, "Item-Based Top-N Recommendation Algorithms", sections 3.1-3.3; Sarwar et al.
    2001. With n_i users of item i, n_hi users of both, and shrinkage s:

    - cosine: n_hi / (sqrt(n_h n_i) + s)
    - jaccard: n_hi / (n_h + n_i - n_hi + s)
    - conditional: n_hi / (n_h n_i^alpha + s), their eq. 6

    Args:
        neighbours: k.
        shrinkage: s, in users: draws the similarities that rest on few users towards 0.
        alpha: how much a popular item is held down; only of the conditional probability.
    """

    fits = True
    cell_width = 2

    def __init__(
        self,
        schema: Schema,
        graph: Graph,
        *,
        similarity: Similarity = "cosine",
        neighbours: PositiveInt = 100,
        shrinkage: NonNegative = 0.0,
        alpha: Fraction = 0.5,
    ) -> None:
        super().__init__()
        self.similarity: Similarity = similarity
        self.shrinkage, self.alpha = shrinkage, alpha
        self.n_items, self.taken = schema.n_items, Links(graph.user_items)
        size = (schema.n_items, min(neighbours, schema.n_items))
        self.register_buffer("near", torch.zeros(size, dtype=torch.int64))
        self.register_buffer("likeness", torch.zeros(size))
        self.near: Tensor
        self.likeness: Tensor

    def fit(self, rows: TrainRows) -> None:
        """Keep the nearest items of each; an item that shares no user with it has likeness 0."""
        sizes = torch.bincount(self.taken.idx, minlength=self.n_items).cpu().float()
        for start, common in gram.blocks(self.taken.csr, self.n_items):
            stop = start + len(common)
            like = self._like(common, sizes[start:stop, None], sizes)
            like[torch.arange(len(like)), torch.arange(start, stop)] = 0
            best = like.topk(self.near.shape[1], dim=1)
            self.near[start:stop], self.likeness[start:stop] = best.indices, best.values

    def _like(self, common: Tensor, own: Tensor, other: Tensor) -> Tensor:
        if self.similarity == "cosine":
            below = (own * other).sqrt()
        elif self.similarity == "jaccard":
            below = own + other - common
        else:
            below = own * other**self.alpha
        return torch.where(common > 0, common / (below + self.shrinkage), 0)

    def rows(self, users: Tensor) -> Tensor:
        """Sums of likeness, `[M, n_items]`."""
        history = csr.take(self.taken.csr, users)
        cell = csr.rows_of(history)[:, None] * self.n_items + self.near[history.idx]
        scores = torch.zeros(len(users) * self.n_items, device=users.device)
        scores.index_add_(0, cell.flatten(), self.likeness[history.idx].flatten())
        return scores.view(len(users), self.n_items)
