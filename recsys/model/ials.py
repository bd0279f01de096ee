"""Matrix factorisation by alternating least squares over all pairs."""

from collections.abc import Mapping
from typing import Literal, final

import torch
from torch import Tensor

from recsys.model import DualEncoder
from recsys.nn.fields import EMPTY
from recsys.nn.links import Links
from recsys.ops import csr, gram, least_squares
from recsys.types import Csr, Fraction, Graph, NonNegative, Positive, PositiveInt, Schema, Slate, TrainRows


@final
class IALS(DualEncoder):
    """Score = <x_u, y_i>, the least of sum over all pairs of c_ui (p_ui - <x_u, y_i>)^2 and a ridge.

    Hu, Koren and Volinsky 2008, "Collaborative Filtering for Implicit Feedback Datasets", eq. 3-5: p is 1 and
    c = 1 + alpha where u took i up in training, else p is 0 and c = 1. The ridge of an entity is
    lambda (sum of its c)^nu: with nu = 0 Hu's, with nu = 1 scaled by frequency as in Rendle et al. 2021,
    "Revisiting the Performance of iALS on Item Recommendation Benchmarks", eq. 6, where alpha_0 = 1 / alpha.
    The library `implicit` takes c itself: its alpha is 1 + ours.

    Args:
        dim: length of the vectors.
        regularisation: lambda.
        frequency: nu.
        iterations: sweeps over users and then items.
        solver: `cholesky` solves each entity exactly; `cg` makes `steps` steps of conjugate gradients.
        steps: only of `cg`.
        std: of the normal distribution that the first vectors are drawn from, times sqrt(dim).
    """

    fits = True

    def __init__(
        self,
        schema: Schema,
        graph: Graph,
        *,
        dim: PositiveInt = 64,
        alpha: Positive = 5.0,
        regularisation: NonNegative = 0.1,
        frequency: Fraction = 0.0,
        iterations: PositiveInt = 15,
        solver: Literal["cholesky", "cg"] = "cg",
        steps: PositiveInt = 3,
        std: Positive = 0.1,
    ) -> None:
        super().__init__()
        self.alpha, self.regularisation, self.frequency = alpha, regularisation, frequency
        self.iterations, self.std = iterations, std
        self.solver, self.steps = solver, steps
        self.taken, self.takers = Links(graph.user_items), Links(graph.item_users)
        self.register_buffer("users", torch.zeros(schema.n_users, dim))
        self.register_buffer("items", torch.zeros(schema.n_items, dim))
        self.users: Tensor
        self.items: Tensor

    def fit(self, rows: TrainRows) -> None:
        """Alternate; who or what has no training positive keeps the optimum without one, a vector of zeros.

        Raises:
            UserError: the regularisation is too small for `cholesky`.
        """
        taken, takers = self.taken.csr, self.takers.csr
        sides = (self.users, taken), (self.items, takers)
        for vectors, lists in sides:
            vectors.normal_(0, self.std / vectors.shape[1] ** 0.5)
            vectors[csr.lengths(lists) == 0] = 0
        of_users, of_items = self._solver(taken, len(self.items)), self._solver(takers, len(self.users))
        user_ridge, item_ridge = self._ridge(taken, self.items), self._ridge(takers, self.users)
        with gram.regularised_by("model.regularisation", self.regularisation):
            for _ in range(self.iterations):
                of_users(self.users, self.items, self.alpha, user_ridge)
                of_items(self.items, self.users, self.alpha, item_ridge)

    def _solver(self, lists: Csr, width: int) -> least_squares.Solver:
        if self.solver == "cholesky":
            return least_squares.cholesky(lists, width)
        return least_squares.conjugate_gradient(lists, width, self.steps)

    def _ridge(self, lists: Csr, others: Tensor) -> Tensor:
        confidence = csr.lengths(lists) * self.alpha + len(others)
        return self.regularisation * confidence**self.frequency

    def encode_users(self, slate: Slate) -> Tensor:
        """The users' vectors, `[B, dim]`."""
        return self.users[slate.user]

    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The items' vectors, `[..., dim]`."""
        return self.items[items]
