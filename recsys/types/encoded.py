"""Events as tensors: what models, samplers and the evaluation read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from recsys.types.schema import Schema

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Rows:
    """Labelled (user, item) pairs, a column each. Made by `flow.encode`; a batch is a slice of it.

    Attributes:
        user: `[N]` int64, index of the user.
        item: `[N]` int64, index of the item.
        label: `[N]` float32.
        time: `[N]` int64 seconds since 1970 UTC, or None where the source has no time.
        context: encoded context columns, each `[N, ...]`.
    """

    user: Tensor
    item: Tensor
    label: Tensor
    time: Tensor | None = None
    context: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainRows(Rows):
    """Rows that may be learnt from."""


@dataclass(frozen=True)
class HoldoutRows(Rows):
    """Rows kept back for measuring."""


@dataclass(frozen=True)
class Encoded:
    """All that training and evaluation need of the data. Made by `flow.encode`."""

    schema: Schema
    train: TrainRows
    valid: HoldoutRows
    test: HoldoutRows
    impressions: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Csr:
    """A list of indices for each row: row r is `idx[ptr[r]:ptr[r + 1]]`, ascending, each once.

    Attributes:
        ptr: `[R + 1]` int64.
        idx: `[nnz]` int64.
    """

    ptr: Tensor
    idx: Tensor


@dataclass(frozen=True)
class Queries:
    """One ranking question a user: which of all items will she take up in the held-out time?

    Made by `ops.queries` from train and held-out rows. A query's time and context are those of the user's
    first held-out row.

    Attributes:
        user: `[Q]` int64.
        relevant: for each query the held-out positives that were not seen.
        seen: for each query the items taken up before, which are no candidates.
        time: `[Q]` int64, or None.
        context: encoded context columns, each `[Q, ...]`.
        dropped: held-out positives left out because they were seen before.
    """

    user: Tensor
    relevant: Csr
    seen: Csr
    time: Tensor | None
    context: Mapping[str, Tensor]
    dropped: int = 0
