"""What sources of a person's own data share: from declared columns and raw contents to events."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import polars as pl

from recsys.ops.casting import Form
from recsys.ops.contents import Contents
from recsys.ops.frames import typed_frame
from recsys.ops.indexing import index_entities, key_of, time_of
from recsys.types import Columns, ColumnType, Events

Role = Literal["events", "users", "items"]
ROLES: tuple[Role, ...] = ("events", "users", "items")


def events_of(
    columns: Columns,
    contents: Callable[[Role], Sequence[Contents] | None],
    *,
    optional: Sequence[str],
    impressions: bool,
    form: Form,
) -> Events:
    """Cast, check and number everything.

    Args:
        contents: what was read of each role; None where nothing was given for it.
        optional: feedback columns in which a value may be missing.

    Raises:
        UserError: a column is missing, or a value is not of its type; names where it stands.
    """
    keys: dict[str, ColumnType] = {key_of(columns.user): "id", key_of(columns.item): "id"}
    time = time_of(columns)
    needed = {*keys, *columns.feedback, *([time] if time else [])} - set(optional)
    log = typed_frame(
        contents("events") or [],
        {**keys, **columns.context, **columns.feedback},
        required=needed,
        event_time=time,
        form=form,
        coded=tuple(keys),
    )
    users = _entities(contents("users"), columns.user, form)
    items = _entities(contents("items"), columns.item, form)
    return index_entities(log, users, items, columns, impressions=impressions)


def _entities(
    parts: Sequence[Contents] | None, types: Mapping[str, ColumnType], form: Form
) -> pl.DataFrame | None:
    key = key_of(types)
    return None if parts is None else typed_frame(parts, types, required=(key,), key=key, form=form)


def problems_of(
    columns: Columns,
    given: Mapping[Role, object],
    optional: Sequence[str],
    separators: Mapping[str, str | None],
) -> list[str]:
    """What is wrong across the arguments.

    Args:
        given: what each role is read from; None where nothing is.
        separators: between fields or values of text, by argument; None where it is chosen later.
    """
    sides: tuple[tuple[Role, str, Mapping[str, ColumnType]], ...] = (
        ("users", "user", columns.user),
        ("items", "item", columns.item),
    )
    problems = [
        f"data.{role}: nothing is given, and data.columns.{side} has columns beside the id; "
        f"give data.{role}, or declare the id only"
        for role, side, types in sides
        if given[role] is None and len(types) > 1
    ]
    for name, value in separators.items():
        if value is not None and (not value or set(value) & set('"\r\n')):
            problems.append(f"data.{name}={value!r}: write one or more characters, no quote and no line break")
    strange = [name for name in optional if name not in columns.feedback]
    if strange:
        has = ", ".join(columns.feedback) or "none"
        problems.append(f"data.optional: {strange[0]!r} is no feedback column; there are: {has}")
    return problems
