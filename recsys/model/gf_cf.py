"""Users' items smoothed over the graph of items that share users."""

from typing import final

from torch import Tensor

from recsys.model import WholeRows
from recsys.nn.item_filter import ItemFilter
from recsys.types import Graph, NonNegative, PositiveInt, Schema, TrainRows


@final
class GFCF(WholeRows):
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
        self.alpha, self.n_items = alpha, schema.n_items
        self.filter = ItemFilter(graph, rank)

    def fit(self, rows: TrainRows) -> None:
        """Find the singular vectors."""
        self.filter.fit()

    def rows(self, users: Tensor) -> Tensor:
        """The filtered rows of the users, `[M, n_items]`."""
        smooth = self.filter.linear(self.filter.rows(users))
        return smooth.add_(self.filter.low_pass(users), alpha=self.alpha).T
