"""A low-pass filter on the graph of items that share users."""

from collections.abc import Mapping
from typing import final

import numpy as np
import torch
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import svds
from torch import Tensor
from torch.nn.functional import embedding_bag

from recsys.model import Model
from recsys.nn.fields import EMPTY
from recsys.nn.links import Links, pick
from recsys.ops import adjacency, csr
from recsys.types import Csr, Graph, NonNegative, PositiveInt, Schema, Slate, TrainRows


@final
class GFCF(Model[Tensor]):
    """Score = x_u (R^T R + alpha D^-1/2 V V^T D^1/2): a linear filter and an ideal low-pass filter.

    Shen et al. 2021, "How Powerful is Graph Convolution for Recommendation?", GF-CF. R is the 0/1 matrix of
    users and items, an entry divided by the root of the product of its user's and its item's degree; x_u the
    user's 0/1 row; V `[I, rank]` the right singular vectors of R with the largest singular values; D the
    degrees of the items. Where singular values are equal at the cut, which vectors are kept is arbitrary.

    Args:
        rank: number of singular vectors; at most one less than there are users or items.
        alpha: weight of the ideal low-pass filter.
    """

    fits = True
    cell_width = 4

    def __init__(
        self,
        schema: Schema,
        graph: Graph,
        *,
        rank: PositiveInt = 256,
        alpha: NonNegative = 0.3,
    ) -> None:
        super().__init__()
        self.alpha, self.n_users, self.n_items = alpha, schema.n_users, schema.n_items
        self.taken, self.takers = Links(graph.user_items), Links(graph.item_users)
        weights = adjacency.normalised(graph).weights
        by_user, by_item = weights.split([len(graph.user_items.idx), len(graph.item_users.idx)])
        root = csr.lengths(graph.item_users).sqrt()
        for name, values in {"by_user": by_user, "by_item": by_item, "root": root}.items():
            self.register_buffer(name, values, persistent=False)
        size = (schema.n_items, max(min(rank, schema.n_users - 1, schema.n_items - 1), 1))
        self.register_buffer("vectors", torch.zeros(size))
        self.by_user: Tensor
        self.by_item: Tensor
        self.root: Tensor
        self.vectors: Tensor

    def fit(self, rows: TrainRows) -> None:
        """Find the singular vectors."""
        links = self.taken.csr
        parts = (self.by_user.double(), links.idx, links.ptr)
        shape = (self.n_users, self.n_items)
        matrix = csr_matrix(tuple(part.cpu().numpy() for part in parts), shape=shape)
        vectors = _right_vectors(matrix, self.vectors.shape[1], min(shape))
        self.vectors.copy_(torch.from_numpy(vectors.copy()))

    def encode_users(self, slate: Slate) -> Tensor:
        """The users themselves, `[B]`."""
        return slate.user

    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The items themselves."""
        return items

    def interact(self, users: Tensor, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The filtered rows of the users, `[B, C]`."""
        return pick(self._rows, users, items, self.n_items)

    def _rows(self, users: Tensor) -> Tensor:
        history = csr.take(self.taken.csr, users)
        taken = torch.zeros(self.n_items, len(users), device=users.device)
        taken[history.idx, csr.rows_of(history)] = 1
        linear = _product(self.takers.csr, self.by_item, _product(self.taken.csr, self.by_user, taken))
        low = _product(history, self.root[history.idx].reciprocal(), self.vectors) @ self.vectors.T
        return linear.T + self.alpha * low * self.root


def _product(links: Csr, weights: Tensor, values: Tensor) -> Tensor:
    """A sparse matrix `[R, N]` by rows, times a dense one `[N, D]`: `[R, D]`."""
    return embedding_bag(
        links.idx, values, links.ptr, mode="sum", per_sample_weights=weights, include_last_offset=True
    )


def _right_vectors(matrix: csr_matrix, rank: int, least: int) -> np.ndarray:
    """The right singular vectors of the largest singular values, `[columns, rank]`.

    Of a whole decomposition where the matrix is small beside the rank, else by Lanczos iterations.

    Args:
        least: the smaller of the numbers of rows and columns.
    """
    if least <= 4 * rank:
        return np.linalg.svd(matrix.toarray(), full_matrices=False)[2][:rank].T
    start = np.random.default_rng(0).standard_normal(least)
    return svds(matrix, k=rank, v0=start)[2].T
