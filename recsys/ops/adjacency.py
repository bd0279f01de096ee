"""The graph of users and items as one symmetric matrix."""

from dataclasses import dataclass

import torch
from torch import Tensor

from recsys.ops import csr
from recsys.types import Csr, Graph


@dataclass(frozen=True)
class Weighted:
    """A sparse matrix.

    Attributes:
        links: the columns of each row.
        weights: `[nnz]` float32.
    """

    links: Csr
    weights: Tensor


def normalised(graph: Graph) -> Weighted:
    """D^-1/2 A D^-1/2 of the undirected graph: an edge weighs 1 / sqrt(product of its ends' degrees).

    Rows and columns are first the users, then the items.
    """
    n_users = len(graph.user_items.ptr) - 1
    ptr = torch.cat([graph.user_items.ptr, graph.item_users.ptr[1:] + len(graph.user_items.idx)])
    links = Csr(ptr, torch.cat([graph.user_items.idx + n_users, graph.item_users.idx]))
    degree = csr.lengths(links).double()
    weights = (degree[csr.rows_of(links)] * degree[links.idx]).rsqrt()
    return Weighted(links, weights.float())
