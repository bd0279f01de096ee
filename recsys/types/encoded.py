"""Events as tensors: what models, samplers and the evaluation read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from recsys.types.csr import Csr
from recsys.types.schema import Schema

if TYPE_CHECKING:
    from torch import Tensor

    from recsys.types.facts import Attribute


@dataclass(frozen=True)
class Rows:
    """Labelled (user, item) pairs, a column each. Made by `encode`; a batch is a slice of it.

    Attributes:
        user: `[N]` int64, index of the user.
        item: `[N]` int64, index of the item.
        label: `[N]` float32.
        time: `[N]` int64 seconds since 1970 UTC, or None where the source has no time.
        context: encoded context columns, each `[N, ...]`.
        weight: `[N]` float32, how much each row counts in training, 0 for not at all; None means 1 everywhere.
        tasks: labels of further tasks by name, each `[N]` float32, NaN where a row has none.
    """

    user: Tensor
    item: Tensor
    label: Tensor
    time: Tensor | None = None
    context: Mapping[str, Tensor] = field(default_factory=dict)
    weight: Tensor | None = None
    tasks: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainRows(Rows):
    """Rows that may be learnt from."""


@dataclass(frozen=True)
class HoldoutRows(Rows):
    """Rows kept back for measuring."""


@dataclass(frozen=True)
class Encoded:
    """All that training and evaluation need of the data. Made by `encode`.

    Attributes:
        attributes: raw columns by name, under `user`, `item`, and `valid` and `test` for the context of those
            rows.
        keys: the source's id of each entity, under `user` and `item`.
    """

    schema: Schema
    train: TrainRows
    valid: HoldoutRows
    test: HoldoutRows
    impressions: bool = False
    notes: tuple[str, ...] = ()
    attributes: Mapping[str, Mapping[str, Attribute]] = field(default_factory=dict)
    keys: Mapping[str, Sequence[object]] = field(default_factory=dict)


@dataclass(frozen=True)
class Queries:
    """One ranking question a user: which of the candidates will she take up in the held-out time?

    Made by `ops.queries` from train and held-out rows. A query's time and context are those of the user's
    first held-out row.

    Attributes:
        user: `[Q]` int64.
        relevant: for each query the held-out positives among the candidates.
        seen: for each query the items that are no candidates because she took them up before.
        row: `[Q]` int64, the user's first held-out row.
        time: `[Q]` int64, or None.
        context: encoded context columns, each `[Q, ...]`.
        grade: `[nnz]` float32, of each relevant item; None where all are 1.
        candidates: for each query its candidates; None where they are all items but the seen and barred ones.
        barred: `[n_items]` bool, items that are nobody's candidates; None where there are none.
        notes: what a reader of the results should know, a line each.
    """

    user: Tensor
    relevant: Csr
    seen: Csr
    row: Tensor
    time: Tensor | None
    context: Mapping[str, Tensor]
    grade: Tensor | None = None
    candidates: Csr | None = None
    barred: Tensor | None = None
    notes: tuple[str, ...] = ()
