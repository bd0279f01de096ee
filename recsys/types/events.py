"""Events as frames: what a data source gives, before anything is encoded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import polars as pl

WEIGHT, CLOSES, TASK = "label.weight", "label.closes", "label.tasks."
"""Columns of a log that a label can make; what the name of a further task's begins with."""

ColumnType = Literal["id", "number", "category", "categories", "text", "geo", "time", "flag", "sequence"]


@dataclass(frozen=True)
class Columns:
    """What a data source declares of its columns: type by name, never treatment.

    Made by a data source. `user` and `item` hold exactly one column of type `id`, the key of the entity.
    `context` is known when a query is asked; the first column of type `time` is when the event happened.
    `feedback` is known only afterwards (a rating, a click): labels are made of it, features never.

    The values that a type has in a frame: `id` and `category` String or an integer; `number` Float or an
    integer; `categories` List(String); `text` String; `geo` Array or List(Float64) of latitude and longitude
    in degrees; `time` Int64, seconds since 1970 UTC; `flag` Boolean.
    """

    user: Mapping[str, ColumnType]
    item: Mapping[str, ColumnType]
    context: Mapping[str, ColumnType] = field(default_factory=dict)
    feedback: Mapping[str, ColumnType] = field(default_factory=dict)


@dataclass(frozen=True)
class Events:
    """An event log with its entities. Made by a data source; a label adds `label` and may drop rows.

    Attributes:
        log: one row an event, in the source's order: `user` and `item` (UInt32 indices into the two frames
            below), `time` (Int64 seconds, where the source has time), the context columns other than time,
            the feedback columns; where the publisher has split the log, `part` (Int8: 0 train, 1 valid, 2
            test), which is no feature and which `split=given` alone reads; after labelling also `label`
            (Float32) and, where the label makes them, `label.weight` (Float32, how much the row counts in
            training; 1 where the column is absent), `label.closes` (Int64 seconds, when the label is known;
            missing for at once) and `label.tasks.<task>` (Float32, NaN where a task has no label).
        users: one row a user, in index order, with the columns of `columns.user`.
        items: one row an item, in index order, with the columns of `columns.item`.
        columns: the declared types.
        impressions: a row says that the item was shown (True), or that the user took it up (False).
    """

    log: pl.DataFrame
    users: pl.DataFrame
    items: pl.DataFrame
    columns: Columns
    impressions: bool = False


@dataclass(frozen=True)
class Train:
    """The events that may be learnt from. Made by a split, and by nothing else."""

    events: Events


@dataclass(frozen=True)
class Holdout:
    """Events kept back for measuring. Made by a split; nothing can be fitted on it."""

    events: Events


@dataclass(frozen=True)
class Split:
    """The three parts of an event log; the entities are shared. Made by a split.

    Attributes:
        notes: what a reader of the results should know of this split, a line each (ties, dropped rows).
        cutoffs: the seconds at which valid and test begin; None where the split is not at two moments.
    """

    train: Train
    valid: Holdout
    test: Holdout
    notes: tuple[str, ...] = ()
    cutoffs: tuple[int, int] | None = None
