"""Users' items blurred over the graph and sharpened again."""

from typing import final

from torch import Tensor

from recsys.model import WholeRows
from recsys.nn.item_filter import ItemFilter
from recsys.types import Graph, NonNegative, PositiveInt, Schema, TrainRows


@final
class BSPM(WholeRows):
    """Score = x_u (L + beta P) S: blurred by a linear and an ideal low-pass filter, L and P, sharpened by S.

    Choi et al. 2023, "Blurring-Sharpening Process Models for Collaborative Filtering": blurring is one Euler
    step of length 1 of dx/dt = x L - x and of dx/dt = x P - x; sharpening, of what both give, runs dx/dt = -x L
    for a while, by one step of a Runge-Kutta method. On a linear equation that is the polynomial

        S = sum over n = 0 … order of (-time L)^n / n!

    L and P are those of `gf_cf`, which this is with `time` 0. x_u is the user's 0/1 row.

    Args:
        rank: number of singular vectors of P; at most one less than there are users or items.
        beta: weight of P.
        time: for how long it is sharpened.
        order: of the method: 4 is their `rk4`, 1 is Euler's. Each costs two passes over all training positives
            for each user.
    """

    fits = True
    cell_width = 6

    def __init__(
        self,
        schema: Schema,
        graph: Graph,
        *,
        rank: PositiveInt = 256,
        beta: NonNegative = 0.2,
        time: NonNegative = 2.5,
        order: PositiveInt = 4,
    ) -> None:
        super().__init__()
        self.beta, self.time, self.order, self.n_items = beta, time, order, schema.n_items
        self.filter = ItemFilter(graph, rank)

    def fit(self, rows: TrainRows) -> None:
        """Find the singular vectors."""
        self.filter.fit()

    def rows(self, users: Tensor) -> Tensor:
        """The filtered rows of the users, `[M, n_items]`."""
        blurred = self.filter.linear(self.filter.rows(users)).add_(self.filter.low_pass(users), alpha=self.beta)
        total, term = blurred.clone(), blurred
        for n in range(1, self.order + 1 if self.time else 1):
            term = self.filter.linear(term).mul_(-self.time / n)
            total += term
        return total.T
