"""A sparse linear model of what users took up."""

from typing import final

import torch
from torch import Tensor

from recsys.model import WholeRows
from recsys.nn.item_weights import ItemWeights
from recsys.ops import gram, slim
from recsys.types import Graph, NonNegative, Positive, PositiveInt, Schema, TrainRows


@final
class SLIM(WholeRows):
    """Score = x_u W, where W minimises 1/2 ||X - X W||^2 + l2 / 2 ||W||^2 + l1 sum |W|, W >= 0, diagonal 0.

    Ning and Karypis 2011, "SLIM: Sparse Linear Methods for Top-N Recommender Systems", eq. 3; solved for all
    columns at once as in Steck et al. 2020, "ADMM SLIM". X is 1 where the user took the item up in training.

    Memory: 4 I^2 bytes for W, and while it is fitted about eight matrices of I^2 float64.

    Args:
        rho: of the solver: weight of the agreement of its two variables at the start, from where it finds its
            own (Boyd et al. 2011, sec. 3.4.1); changes the time, not the optimum.
        iterations: at most so many; where they are too few, a note says so.
        tolerance: stop when no weight is off the solver's conditions by more.
    """

    fits = True
    cell_width = 2

    def __init__(
        self,
        schema: Schema,
        graph: Graph,
        *,
        l1: NonNegative = 5.0,
        l2: NonNegative = 100.0,
        rho: Positive = 1000.0,
        iterations: PositiveInt = 200,
        tolerance: NonNegative = 1e-4,
    ) -> None:
        super().__init__()
        self.l1, self.l2, self.rho = l1, l2, rho
        self.iterations, self.tolerance, self.n_items = iterations, tolerance, schema.n_items
        self.linear = ItemWeights(graph.user_items, schema.n_items)

    def fit(self, rows: TrainRows) -> None:
        """Solve for all items at once.

        Raises:
            UserError: l2 is too small for the solver's matrix to be inverted.
        """
        weights = self.linear.weights
        shared = gram.gram(self.linear.taken.csr, len(weights), torch.float64).to(weights.device)
        with gram.regularised_by("model.l2", self.l2):
            found, left = slim.solve(shared, self.l1, self.l2, self.rho, self.iterations, self.tolerance)
        weights.copy_(found)
        if left > self.tolerance:
            self.notes = (
                f"model.iterations={self.iterations}: stopped short of the optimum, residual {left:.2g}; "
                f"raise it, or model.tolerance={self.tolerance:g}",
            )

    def rows(self, users: Tensor) -> Tensor:
        """x_u W, `[M, n_items]`."""
        return self.linear(users)
