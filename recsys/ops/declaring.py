"""Reading the declaration of a person's own columns."""

import difflib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_args

from recsys.types import Columns, ColumnType, UserError

SIDES = tuple(field.name for field in fields(Columns))
TYPES = tuple(type_ for type_ in get_args(ColumnType) if type_ != "sequence")
TAKEN = ("user", "item", "label")
"""Columns of every log, beside `time` and what a label adds, `label.<…>`."""


def declare(key: str, columns: Mapping[str, Any]) -> Columns:
    """The declared columns, checked.

    Args:
        key: where they stand in the config, for messages.
        columns: types by column name, by side.

    Raises:
        UserError: a side or a type that there is not, a side without its id, or a name that is taken; names
            the key.
    """
    problems = [
        f"{key}.{side}: there is no such side; {_nearest(side, SIDES)}" for side in columns if side not in SIDES
    ]
    sides = {side: columns.get(side) or {} for side in SIDES}
    for side, types in sides.items():
        if not isinstance(types, Mapping):
            problems.append(f"{key}.{side}={types!r}: write {{<column>: <type>, …}}")
            sides[side] = {}
            continue
        problems += [
            f"{key}.{side}.{name}={type_}: there is no such type; {_nearest(str(type_), TYPES)}"
            for name, type_ in types.items()
            if type_ not in TYPES
        ]
    problems = problems or _misplaced(key, sides)
    if problems:
        raise UserError(*problems)
    return Columns(**{side: dict(types) for side, types in sides.items()})


def _misplaced(key: str, sides: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Sides without their one id, and names that stand for two things."""
    problems, ids = [], []
    for side in ("user", "item"):
        found = [name for name, type_ in sides[side].items() if type_ == "id"]
        if len(found) != 1:
            number = f"{len(found)} columns are" if found else "no column is"
            problems.append(f"{key}.{side}: {number} of type id; it needs one, for example {side}_id: id")
        ids += found
    times = [name for name, type_ in sides["context"].items() if type_ == "time"]
    for side in ("context", "feedback"):
        for name in sides[side]:
            if name in TAKEN or name.startswith("label.") or (name == "time" and times[:1] != ["time"]):
                problems.append(f"{key}.{side}.{name}: {name!r} has a meaning of its own; rename the column")
    once = [*ids, *sides["context"], *sides["feedback"]]
    twice = sorted({name for name in once if once.count(name) > 1})
    return problems + [f"{key}: {name!r} is declared as two things in the events; keep one" for name in twice]


def _nearest(word: str, names: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(names)}"
