"""A linear autoencoder of what users took up."""

from typing import Literal, final

import torch
from torch import Tensor

from recsys.model import WholeRows
from recsys.nn.item_weights import ItemWeights
from recsys.ops import gram
from recsys.types import Graph, Positive, Schema, TrainRows


@final
class EASE(WholeRows):
    """Score = x_u B, where B minimises ||X - X B||^2 + lambda ||B||^2 with a diagonal of zeros.

    Steck 2019, "Embarrassingly Shallow Autoencoders for Sparse Data", eq. 8: with P = (X^T X + lambda I)^-1,
    B_ij = -P_ij / P_jj off the diagonal. X is 1 where the user took the item up in training.

    Memory: 4 I^2 bytes for B, and while it is fitted two matrices of I^2 numbers.

    Args:
        regularisation: lambda.
        precision: of the inverse; `single` halves the memory, and is near enough unless lambda is small beside
            the largest number of users of an item.
    """

    fits = True
    cell_width = 2

    def __init__(
        self,
        schema: Schema,
        graph: Graph,
        *,
        regularisation: Positive = 250.0,
        precision: Literal["double", "single"] = "double",
    ) -> None:
        super().__init__()
        self.regularisation, self.n_items = regularisation, schema.n_items
        self.dtype = torch.float64 if precision == "double" else torch.float32
        self.linear = ItemWeights(graph.user_items, schema.n_items)

    def fit(self, rows: TrainRows) -> None:
        """Invert the items' Gram matrix.

        Raises:
            UserError: the regularisation is too small for the precision.
        """
        weights = self.linear.weights
        shared = gram.gram(self.linear.taken.csr, len(weights), self.dtype).to(weights.device)
        shared.diagonal().add_(self.regularisation)
        with gram.regularised_by("model.regularisation", self.regularisation):
            inverse = gram.inverse(shared)
        inverse /= -inverse.diagonal().clone()
        inverse.fill_diagonal_(0)
        weights.copy_(inverse)

    def rows(self, users: Tensor) -> Tensor:
        """x_u B, `[M, n_items]`."""
        return self.linear(users)
