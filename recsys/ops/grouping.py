"""Items in groups: by a column of theirs, or by who took them up."""

import numpy as np
import torch
from torch import Tensor

from recsys.ops import csr
from recsys.types import Attribute, Csr

DIM, ROUNDS, SEED = 32, 20, 0
"""Singular vectors that items are grouped by, k-means rounds, and the seed of both."""


def by_column(attribute: Attribute) -> Tensor:
    """The group of each item, `[N]` int64: its category, or the rarest of several; the last is for none."""
    none = len(attribute.names)
    if isinstance(attribute.values, Tensor):
        return torch.where(attribute.values >= 0, attribute.values, none)
    links = attribute.values
    often = torch.bincount(links.idx, minlength=none)
    # The rarer, the smaller the rank; a minimum over ranks then picks one category for each item.
    order = often.argsort(stable=True)
    rank = torch.empty_like(order)
    rank[order] = torch.arange(none)
    best = torch.full((len(links.ptr) - 1,), none)
    best.scatter_reduce_(0, csr.rows_of(links), rank[links.idx], "amin")
    return torch.cat([order, torch.tensor([none])])[best]


def by_users(item_users: Csr, n_users: int, groups: int) -> Tensor:
    """The group of each item by the users it shares with others, `[N]` int64; the last is for items without.

    k-means by the angle between the items' singular vectors of the matrix of who took up what, each entry
    divided by the root of its row's and its column's sum.
    """
    known = (csr.lengths(item_users) > 0).nonzero().squeeze(1)
    groups = min(groups, len(known))
    of = torch.full((len(item_users.ptr) - 1,), groups)
    if groups:
        vectors = _vectors(item_users, n_users)[known.numpy()]
        of[known] = torch.from_numpy(_kmeans(vectors, groups))
    return of


def _vectors(item_users: Csr, n_users: int) -> np.ndarray:
    """Left singular vectors times their values, `[N, D]` float32."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.linalg import svds

    row, column = csr.rows_of(item_users), item_users.idx
    degrees = csr.lengths(item_users)[row] * torch.bincount(column, minlength=n_users)[column]
    shape = (len(item_users.ptr) - 1, n_users)
    matrix = csr_matrix((degrees.double().rsqrt().numpy(), (row.numpy(), column.numpy())), shape)
    if min(shape) <= DIM:
        return matrix.toarray().astype(np.float32)
    left, values, _ = svds(matrix, k=DIM, v0=np.ones(min(shape)) / np.sqrt(min(shape)))
    return (left * values).astype(np.float32)


def _kmeans(vectors: np.ndarray, groups: int) -> np.ndarray:
    """Spherical k-means, `[N]` int64."""
    import faiss

    scaled = vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(1e-12)
    size = scaled.shape[1]
    means = faiss.Kmeans(size, groups, niter=ROUNDS, seed=SEED, spherical=True, min_points_per_centroid=1)
    means.train(scaled)
    return means.index.search(scaled, 1)[1][:, 0]
