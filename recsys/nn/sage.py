"""The layer of GraphSAGE."""

from torch import Tensor, nn


class SageLayer(nn.Module):
    """A node's new vector: W_self h + W_neighbours mean(neighbours' h) + b.

    Hamilton et al. 2017, "Inductive Representation Learning on Large Graphs", algorithm 1 with the mean
    aggregator; one matrix for the concatenation is the same as two.

    Args:
        width_in: length of the vectors given.
        width: length of the vectors returned.
    """

    def __init__(self, width_in: int, width: int) -> None:
        super().__init__()
        self.own = nn.Linear(width_in, width)
        self.neighbours = nn.Linear(width_in, width, bias=False)

    def forward(self, own: Tensor, neighbours: Tensor) -> Tensor:
        """From `[N, width_in]`, the nodes and the means of their neighbours, to `[N, width]`."""
        return self.own(own) + self.neighbours(neighbours)
