"""What events are counted by: a user, an item, or a group of them that a column names."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from recsys.ops import csr, rows
from recsys.types import Attribute, Columns, ColumnType, Csr, History, UserError

GROUPING: tuple[ColumnType, ...] = ("category", "categories", "flag")


@dataclass(frozen=True)
class Entity:
    """Who is counted for. Made by `parse`.

    Attributes:
        name: `user`, `item`, `user.<column>` or `item.<column>`.
        side: where it is looked up.
        column: None of the user or item itself.
    """

    name: str
    side: Literal["user", "item"]
    column: str | None


def parse(key: str, names: Sequence[str], sides: Collection[Literal["user", "item"]]) -> tuple[Entity, ...]:
    """The entities by name, each once.

    Args:
        key: of the config, for the message.

    Raises:
        UserError: there is none, or one is of no side.
    """
    found = []
    for name in dict.fromkeys(names):
        side, dot, column = str(name).partition(".")
        found += [Entity(name, at, column or None) for at in sides if at == side and bool(dot) == bool(column)]
    if not names or len(found) < len(set(names)):
        forms = ", ".join(f"{side}, {side}.<column>" for side in sides)
        raise UserError(f"{key}={list(names)}: write one or more of {forms}")
    return tuple(found)


def check(key: str, entities: Sequence[Entity], declared: Columns) -> None:
    """Refuse columns that are not declared, or that name no groups.

    Raises:
        UserError: with all of them.
    """
    problems = []
    for entity in entities:
        types = declared.user if entity.side == "user" else declared.item
        if entity.column is None or types.get(entity.column) in GROUPING:
            continue
        type_ = types.get(entity.column)
        wrong = f"is of type {type_}" if type_ else "is not declared"
        fitting = [f"{entity.side}.{name}" for name, found in types.items() if found in GROUPING]
        problems.append(
            f"{key}: {entity.name} {wrong}; groups are named by a {', '.join(GROUPING)}: "
            f"{', '.join(fitting) or f'the {entity.side}s have no such column'}"
        )
    if problems:
        raise UserError(*problems)


def store(entity: Entity, history: History) -> dict[str, Tensor]:
    """What `keys` needs of an entity: its number of keys, and the groups of each user or item."""
    if entity.column is None:
        n = history.n_users if entity.side == "user" else history.n_items
        return {f"{entity.name}.keys": torch.tensor(n)}
    attribute = (history.users if entity.side == "user" else history.items)[entity.column]
    groups = _listed(attribute)
    # One empty row more, for whoever is unknown.
    ptr = torch.cat([groups.ptr, groups.ptr[-1:]])
    n = max(len(attribute.names), int(groups.idx.max()) + 1 if len(groups.idx) else 0)
    return {f"{entity.name}.keys": torch.tensor(n), **csr.store(entity.name, Csr(ptr, groups.idx))}


def keys(entity: Entity, index: Mapping[str, Tensor], place: Tensor) -> tuple[Tensor, Tensor | None]:
    """The keys that users or items are counted under.

    Args:
        place: `[M]` int64, users or items; those outside the known have no group.

    Returns:
        `[K]` int64 keys, place by place, and `[M + 1]` where those of each place begin; None where each place
        has one.
    """
    if entity.column is None:
        return place, None
    groups = csr.restore(entity.name, index)
    taken = csr.take(groups, rows.known(place, len(groups.ptr) - 2))
    return taken.idx, taken.ptr


def of_events(entity: Entity, index: Mapping[str, Tensor], place: Tensor) -> tuple[Tensor, Tensor | None]:
    """The keys that events count for, and the event of each; None where each event has one.

    Args:
        place: `[N]` int64, the users or items of the events.
    """
    key, ptr = keys(entity, index, place)
    return key, None if ptr is None else spread(torch.arange(len(place)), ptr)


def spread(values: Tensor, ptr: Tensor | None) -> Tensor:
    """Values of places, repeated for each of their keys."""
    return values if ptr is None else torch.repeat_interleave(values, ptr.diff())


def total(values: Tensor, ptr: Tensor | None) -> Tensor:
    """Sums over the keys of each place, int64."""
    return values.long() if ptr is None else csr.sums(values, ptr)


def _listed(attribute: Attribute) -> Csr:
    """The groups of each entity, none where the value is missing."""
    if isinstance(attribute.values, Csr):
        return attribute.values
    there = attribute.values >= 0
    ptr = torch.zeros(len(there) + 1, dtype=torch.int64)
    torch.cumsum(there, 0, out=ptr[1:])
    return Csr(ptr, attribute.values[there])
