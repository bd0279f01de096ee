"""The event log as features read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from recsys.types.facts import Attribute

if TYPE_CHECKING:
    import polars as pl
    from torch import Tensor


@dataclass(frozen=True)
class History:
    """Every event of the log, held-out ones too: a feature at a moment reads only what came before it.

    Made by `moments`.

    Attributes:
        user, item: `[N]` int64, in order of time; events of one second in the order of the log.
        time: `[N]` int64 seconds, ascending.
        label: `[N]` float32.
        feedback: feedback columns by name, `[N]` float32: a flag is 0 or 1, a missing value NaN.
        impressions: an event says that the item was shown, rather than taken up.
        users, items: raw columns by name, a value for each entity.
        cutoff: the last second of the training events.
        held: `[N]` bool, events kept back for measuring, which may lie before `cutoff`; None for none.
        keys: the ids of users and items in index order, under `user` and `item`.
    """

    user: Tensor
    item: Tensor
    time: Tensor
    label: Tensor
    n_users: int
    n_items: int
    cutoff: int
    impressions: bool = False
    feedback: Mapping[str, Tensor] = field(default_factory=dict)
    users: Mapping[str, Attribute] = field(default_factory=dict)
    items: Mapping[str, Attribute] = field(default_factory=dict)
    keys: Mapping[str, pl.Series] = field(default_factory=dict)
    held: Tensor | None = None


@dataclass(frozen=True)
class Answer:
    """One column that a feature answers. Made by a feature.

    Attributes:
        name: unique among all features of a run (`user_clicks_7d`).
        side: what it depends on beside the moment: the user, the item, or both (`cross`).
        type: `number`, or `sequence` of whole numbers, the latest last, -1 where there are fewer.
        of: what the numbers of a sequence are: None for item indices, or the item column (category, categories
            or flag) in whose names they are places.
    """

    name: str
    side: Literal["user", "item", "cross"]
    type: Literal["number", "sequence"] = "number"
    of: str | None = None
