"""The model as it is at a training step, for samplers that ask it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import Tensor

    from recsys.types.encoded import Rows


class Scorer(Protocol):
    """Vectors of queries and items whose inner product is the score, without gradients or dropout.

    Asking draws no random number that training would have drawn. Made by `train.scoring`.

    Attributes:
        step: of the epoch, from 0. An epoch begins alike whether or not the run was interrupted before it.
    """

    step: int

    def users(self, rows: Rows) -> Tensor:
        """The queries of the rows, `[B, D]`."""
        ...

    def items(self) -> Tensor:
        """The whole catalogue, `[n_items, D]`."""
        ...
