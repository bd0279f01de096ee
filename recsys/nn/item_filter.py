"""Filters on the graph of items that share users."""

import numpy as np
import torch
from scipy.sparse.linalg import ArpackError
from torch import Tensor, nn
from torch.nn.functional import embedding_bag

from recsys.nn.links import Links
from recsys.ops import adjacency, csr, singular
from recsys.types import Csr, Graph, PositiveInt, UserError


class ItemFilter(nn.Module):
    """What smooths users' rows of items: a linear and an ideal low-pass filter.

    R is the 0/1 matrix of users and items, an entry divided by the root of the product of its user's and its
    item's degree. Of the filters, each a matrix `[I, I]` that is never written out,

    - the linear one is R^T R;
    - the ideal low-pass one is D^-1/2 V V^T D^1/2, with V `[I, rank]` the right singular vectors of R of the
      largest singular values, and D the degrees of the items. Where singular values are equal at the cut, which
      vectors are kept is arbitrary.

    Shen et al. 2021, "How Powerful is Graph Convolution for Recommendation?".

    Args:
        rank: number of singular vectors; at most one less than there are users or items.
    """

    def __init__(self, graph: Graph, rank: PositiveInt) -> None:
        super().__init__()
        self.taken, self.takers = Links(graph.user_items), Links(graph.item_users)
        weights = adjacency.normalised(graph).weights
        by_user, by_item = weights.split([len(graph.user_items.idx), len(graph.item_users.idx)])
        root = csr.lengths(graph.item_users).sqrt()
        for name, values in {"by_user": by_user, "by_item": by_item, "root": root}.items():
            self.register_buffer(name, values, persistent=False)
        n_users = len(graph.user_items.ptr) - 1
        size = (len(root), max(min(rank, n_users - 1, len(root) - 1), 1))
        self.register_buffer("vectors", torch.zeros(size))
        self.by_user: Tensor
        self.by_item: Tensor
        self.root: Tensor
        self.vectors: Tensor

    def fit(self) -> None:
        """Find the singular vectors.

        Raises:
            UserError: they cannot be found.
        """
        n_items, rank = self.vectors.shape
        try:
            self.vectors.copy_(singular.right_vectors(self.taken.csr, self.by_user, n_items, rank))
        except (ArpackError, np.linalg.LinAlgError) as error:
            raise UserError(
                f"model.rank={rank}: no singular vectors were found ({error}); make it smaller"
            ) from error

    def rows(self, users: Tensor) -> Tensor:
        """The 0/1 rows of the users `[M]` as columns, `[I, M]`."""
        history = csr.take(self.taken.csr, users)
        rows = torch.zeros(len(self.root), len(users), device=users.device)
        rows[history.idx, csr.rows_of(history)] = 1
        return rows

    def linear(self, rows: Tensor) -> Tensor:
        """Any rows through the linear filter, `[I, M]` from `[I, M]`."""
        return _product(self.takers.csr, self.by_item, _product(self.taken.csr, self.by_user, rows))

    def low_pass(self, users: Tensor) -> Tensor:
        """The users' own rows through the ideal low-pass filter, `[I, M]`."""
        history = csr.take(self.taken.csr, users)
        within = _product(history, self.root[history.idx].reciprocal(), self.vectors)
        return self.vectors @ within.T * self.root[:, None]


def _product(links: Csr, weights: Tensor, values: Tensor) -> Tensor:
    """A sparse matrix `[R, N]` by rows, times a dense one `[N, D]`: `[R, D]`."""
    return embedding_bag(
        links.idx, values, links.ptr, mode="sum", per_sample_weights=weights, include_last_offset=True
    )
