"""The layer of GraphSAGE."""

from torch import Tensor, nn


class SageLayer(nn.Module):
    """A node's new vector: W_self h + the sum over relations of W_relation mean(neighbours' h) + b.

    Hamilton et al. 2017, "Inductive Representation Learning on Large Graphs", algorithm 1 with the mean
    aggregator; one matrix for the concatenation is the same as two. Several relations, each with a matrix of
    its own, are added as in Schlichtkrull et al. 2018, "Modeling Relational Data with Graph Convolutional
    Networks", eq. 2.

    Args:
        width_in: length of the vectors given.
        width: length of the vectors returned.
        relations: kinds of neighbours.
    """

    def __init__(self, width_in: int, width: int, relations: int = 1) -> None:
        super().__init__()
        self.own = nn.Linear(width_in, width)
        self.neighbours = nn.ModuleList([nn.Linear(width_in, width, bias=False) for _ in range(relations)])

    def forward(self, own: Tensor, *neighbours: Tensor) -> Tensor:
        """From `[N, width_in]`, the nodes and the means of their neighbours by relation, to `[N, width]`."""
        vectors = self.own(own)
        for matrix, mean in zip(self.neighbours, neighbours, strict=True):
            vectors = vectors + matrix(mean)
        return vectors
