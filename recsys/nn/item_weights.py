"""A score that adds up what each of the user's items says for every item."""

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding_bag

from recsys.nn.links import Links
from recsys.ops import csr
from recsys.types import Csr


class ItemWeights(nn.Module):
    """x_u B: the user's 0/1 row of training items times a matrix of weights `[I, I]` float32, a buffer.

    Args:
        user_items: of the training graph.
    """

    def __init__(self, user_items: Csr, n_items: int) -> None:
        super().__init__()
        self.taken = Links(user_items)
        self.register_buffer("weights", torch.zeros(n_items, n_items))
        self.weights: Tensor

    def forward(self, users: Tensor) -> Tensor:
        """Scores of all items for the users `[M]`, `[M, n_items]`."""
        history = csr.take(self.taken.csr, users)
        return embedding_bag(history.idx, self.weights, history.ptr[:-1], mode="sum")
