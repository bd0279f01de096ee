"""What is known of users, items and held-out rows in raw form: for metrics beyond accuracy, and for slices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from recsys.types.csr import Csr
from recsys.types.events import ColumnType
from recsys.types.statistics import Counts, Graph

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Attribute:
    """One raw column. Made by `ops.raw`.

    Attributes:
        type: as the source declares it: `number`, `time`, `category`, `flag`, `categories`, `geo` or `id`.
        values: `[N]` float64 of a number or a time (seconds), NaN where it is missing; `[N]` int64, a place in
            `names`, of a category or flag, or the number of an id, -1 where it is missing; a `Csr` of places in
            `names` of categories; `[N, 2]` float64 of a place, latitude and longitude in degrees, NaN where
            it is missing.
        names: the distinct values of a category, flag or of categories.
    """

    type: ColumnType
    values: Tensor | Csr
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What is known beside the model. Made by `flow`.

    Attributes:
        counts: of the training rows.
        graph: who took up what in training.
        users, items: raw columns by name, a value for each entity.
        cutoff: the last second of the training rows; None where the source has no time.
        vectors: `[n_items, D]` float32, the model's own item vectors; None where it has none.
        keys: the source's id of each entity, under `user` and `item`.
        links: the source says that items are the users themselves.
    """

    counts: Counts
    graph: Graph
    users: Mapping[str, Attribute] = field(default_factory=dict)
    items: Mapping[str, Attribute] = field(default_factory=dict)
    cutoff: int | None = None
    vectors: Tensor | None = None
    keys: Mapping[str, Sequence[object]] = field(default_factory=dict)
    links: bool = False


@dataclass(frozen=True)
class Groups:
    """One way to part users, items or held-out rows. Made by a slicer.

    Attributes:
        name: of the way (`user_activity`).
        side: what is parted.
        of: `[n_users]`, `[n_items]` or `[N]` int64, the place of the group in `names`, -1 for none; a `Csr` of
            places where one entity can be in several.
        names: of the groups, in the order to be shown.
    """

    name: str
    side: Literal["user", "item", "row"]
    of: Tensor | Csr
    names: tuple[str, ...]
