"""Lists of indices by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Csr:
    """A list of indices for each row: row r is `idx[ptr[r]:ptr[r + 1]]`, ascending, each once.

    Attributes:
        ptr: `[R + 1]` int64.
        idx: `[nnz]` int64.
    """

    ptr: Tensor
    idx: Tensor
