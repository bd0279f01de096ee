"""Comparing each cell of a row with all cells of the row, a bounded number of pairs at a time."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

PAIRS = 2**24
"""Pairs at once: 64 MB for each float32 matrix that a comparison makes."""


def compare(of: Callable[[slice, slice], Tensor], shape: tuple[int, int]) -> Tensor:
    """What `of` gives for all rows and all of their cells, `[B, C, …]`.

    Where that is more than one block, a block's pairs are computed again for the gradient instead of kept
    (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost").

    Args:
        of: from r rows and c of their columns to `[r, c, …]`, through r x c x C pairs. Draws nothing.
        shape: B, C.
    """
    rows, columns = shape
    high = max(1, PAIRS // max(1, columns**2))
    wide = columns if columns**2 <= PAIRS else max(1, PAIRS // columns)
    if rows <= high and wide == columns:
        return of(slice(0, rows), slice(0, columns))
    return torch.cat([_band(of, slice(at, at + high), columns, wide) for at in range(0, rows, high)])


def _band(of: Callable[[slice, slice], Tensor], rows: slice, columns: int, wide: int) -> Tensor:
    parts = [
        checkpoint(of, rows, slice(at, at + wide), use_reentrant=False, preserve_rng_state=False)
        for at in range(0, columns, wide)
    ]
    return torch.cat(parts, 1)  # type: ignore[arg-type]
