"""Self-attention over what the user took up last."""

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor, nn

from recsys.model import DualEncoder
from recsys.nn.blocks import Block
from recsys.nn.fields import EMPTY
from recsys.nn.histories import latest
from recsys.nn.sequences import HISTORY, Past
from recsys.nn.tables import Table
from recsys.types import Fraction, PositiveInt, Schema, Slate, UserError


@final
class SASRec(DualEncoder):
    """Score = <what attention makes of the user's last items, item vector>.

    Kang and McAuley 2018, "Self-Attentive Sequential Recommendation", eq. 1-6: item vectors plus learned
    vectors of positions, blocks of causal attention and a feed-forward network, the output at the latest item,
    and one table of item vectors for input and output. Of the user there is nothing but her history. Positions
    count back from the latest item. Two parts of a block are the transformer's and not the paper's: attention
    ends in a matrix that joins its heads, and the feed-forward network has 4 dim hidden units where eq. 3 has
    dim. A training row is one step of a sequence, with the items before it, so that any sampler and loss serve;
    the paper's step is a whole sequence, all of whose places are learnt from at once.

    Args:
        dim: length of the vectors; a multiple of `heads`.
        blocks: one above the other.
        heads: of the attention.
        positions: how many of the latest items are read; features.history.length says how many there are.
        dropout: share of units left out in training.
    """

    gives = frozenset({"model.towers", "model.history"})
    needs = (HISTORY,)

    def __init__(
        self,
        schema: Schema,
        *,
        dim: PositiveInt = 64,
        blocks: PositiveInt = 2,
        heads: PositiveInt = 1,
        positions: PositiveInt = 200,
        dropout: Fraction = 0.2,
    ) -> None:
        super().__init__()
        if dim % heads:
            raise UserError(f"model.heads={heads}: does not divide model.dim={dim}; choose a number that does")
        self.past = Past(schema, "model=sasrec", dim)
        self.positions, self.empty = Table(positions, dim, 0.05), nn.Parameter(torch.zeros(dim))
        self.blocks = nn.ModuleList([Block(dim, heads, dropout) for _ in range(blocks)])
        self.dropout, self.norm = nn.Dropout(dropout), nn.LayerNorm(dim)

    def encode_users(self, slate: Slate) -> Tensor:
        """The output at the latest item, `[B, dim]`; a learned vector for a user without history."""
        vectors, there = self.past(slate)
        vectors, there = self._cut(vectors, there)
        place = torch.arange(there.shape[1], device=there.device)
        age = there.sum(1, keepdim=True) - 1 - place
        vectors = self.dropout(vectors + self.positions(age.clamp_min(0)))
        allowed = there[:, None, :] & (place[:, None] >= place) | (place[:, None] == place)
        for block in self.blocks:
            vectors = block(vectors, allowed)
        return torch.where(there.any(1, keepdim=True), self.norm(latest(vectors, there)), self.empty)

    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The items' vectors, `[..., dim]`."""
        return self.past.items(items)

    def _cut(self, vectors: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
        """The latest items alone, as many as there are positions, at the start of each row."""
        most, length = self.positions.num_embeddings, there.shape[1]
        if length <= most:
            return vectors, there
        start = (there.sum(1) - most).clamp_min(0)
        place = start[:, None] + torch.arange(most, device=there.device)
        chosen = vectors.gather(1, place[:, :, None].expand(-1, -1, vectors.shape[-1]))
        return chosen, there.gather(1, place)
