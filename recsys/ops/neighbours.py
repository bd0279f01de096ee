"""Neighbours in a graph that is kept as lists of indices."""

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from recsys.ops import csr
from recsys.types import Csr


def sample(graph: Csr, nodes: Tensor, fanout: int) -> tuple[Tensor, Tensor]:
    """Neighbours drawn uniformly with replacement, `[N, fanout]`, and which nodes have any, `[N]` bool.

    A node without neighbours gets arbitrary ones. Draws from torch's global generator.
    """
    degree = csr.lengths(graph)[nodes]
    if not len(graph.idx):
        return torch.zeros(len(nodes), fanout, dtype=torch.int64, device=nodes.device), degree > 0
    at = (torch.rand(len(nodes), fanout, device=nodes.device) * degree[:, None]).long()
    at = (graph.ptr[nodes][:, None] + at).clamp_(max=max(len(graph.idx) - 1, 0))
    return graph.idx[at], degree > 0


def mean(graph: Csr, vectors: Tensor) -> Tensor:
    """The mean of each row's neighbours' vectors, `[R, D]`; zeros for a row without neighbours.

    Args:
        vectors: `[columns, D]`.
    """
    return embedding_bag(graph.idx, vectors, offsets=graph.ptr, mode="mean", include_last_offset=True)
