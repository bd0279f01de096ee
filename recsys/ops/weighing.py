"""The weights of a slate's cells, from those of the rows."""

import torch
from torch import Tensor

from recsys.types import Rows


def cells(rows: Rows, own: Tensor) -> Tensor | None:
    """The row's weight in its own cell, 1 in the others; a row of weight 0 has 0 throughout. `[B, C]`.

    So a loss of pairs or of lists counts a row in proportion to its weight, and a loss of cells its positive
    beside negatives of weight 1: the confidence of Hu, Koren and Volinsky 2008, "Collaborative Filtering for
    Implicit Feedback Datasets", sec. 4.

    Args:
        own: `[B, C]` bool, the cell of the row itself.

    Returns:
        None where no row has a weight.
    """
    if rows.weight is None:
        return None
    weight = rows.weight[:, None]
    return torch.where(own, weight, (weight > 0).to(weight.dtype))
