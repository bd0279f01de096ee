"""An MLP over the fields of query, candidates and their crosses."""

from collections.abc import Sequence

from torch import Tensor, nn

from recsys.nn.cell_norm import CellNorm
from recsys.nn.mlp import MLP
from recsys.nn.sides import Sides
from recsys.types import UserError


class SideMLP(nn.Module):
    """An MLP over all fields side by side, whose first layer is the sum of a part for each side.

    W [query, item, cross] + b = W_q query + W_i item + W_c cross + b, so that each side's part is computed once
    and not once a pair.

    Args:
        dim: length of each field's vector as it is given here.
        hidden: widths of the layers.
        dropout: share of hidden units left out in training.
        batch_norm: normalise the hidden units over the batch, before the ReLU.
        asker: name of the model that reads it, for the error.

    Attributes:
        query, item, cross: the first layer's parts, from a side's vectors side by side; None without crosses.

    Raises:
        UserError: there is no layer.
    """

    def __init__(
        self, sides: Sides, dim: int, hidden: Sequence[int], *, dropout: float, batch_norm: bool, asker: str
    ) -> None:
        super().__init__()
        if not hidden:
            raise UserError(f"model.hidden: {asker} needs at least one hidden layer, for example [128]")
        self.query = nn.Linear(sides.query * dim, hidden[0])
        self.item = nn.Linear(sides.item * dim, hidden[0], bias=False)
        self.cross = nn.Linear(sides.cross * dim, hidden[0], bias=False) if sides.cross else None
        rest = MLP(hidden[0], hidden[1:], dropout=dropout, batch_norm=batch_norm)
        norm = [CellNorm(hidden[0])] if batch_norm else []
        self.rest = nn.Sequential(*norm, nn.ReLU(), nn.Dropout(dropout), rest)
        self.first = hidden[0]

    def forward(self, parts: Tensor) -> Tensor:
        """The last hidden layer, `[..., hidden[-1]]`, from the sum of the parts `[..., hidden[0]]`."""
        return self.rest(parts)
