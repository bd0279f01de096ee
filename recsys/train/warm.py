"""Beginning with the weights of an earlier model, whose users, items and values were others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from recsys.nn.fields import FieldBank
from recsys.ops.comparing import same
from recsys.train.groups import tables

SIDES = ("user", "item")


@dataclass(frozen=True)
class Vocabularies:
    """What the rows of tables stand for.

    Attributes:
        states: what each encoder was fitted to; a vocabulary is a list under `values`, or
            of item indices under `items`; its rows are counted from 1.
        keys: the id of each user and item, in index order.
    """

    states: Mapping[str, Mapping[str, Any]]
    keys: Mapping[str, Sequence[Any]]


def take_over(
    module: nn.Module, weights: Mapping[str, Tensor], before: Vocabularies, now: Vocabularies
) -> tuple[int, list[str]]:
    """Copy the earlier weights into the module, in place: tables row by row, by what a row stands for.

    Rows of what is new stay as they were drawn; buffers are not copied.

    Args:
        weights: by name, of the earlier module.

    Returns:
        How many parameters were taken over, and lines that say what was not.
    """
    columns, taken, rows, whole, left = dict(_columns(module)), 0, [], [], []
    renumbered = _renumbered(module, weights, before, now)
    looked_up = set(tables(module))
    for name, parameter in module.named_parameters():
        earlier = weights.get(name)
        if earlier is None or earlier.shape[1:] != parameter.shape[1:]:
            left.append(name)
            continue
        if name in renumbered:
            continue
        # The entries of a layer's weight or bias stand for no user, however many they are.
        own = name not in columns and not name.endswith((".weight", ".bias"))
        by_row = parameter in looked_up or own
        sizes = (len(earlier), len(parameter)) if earlier.dim() and by_row else ()
        fitting = _vocabularies(name, columns.get(name), sizes, before, now)
        changed = any(old != new for old, new in fitting)
        if (not fitting and earlier.shape != parameter.shape) or (len(fitting) > 1 and changed):
            left.append(name)
            continue
        taken += 1
        with torch.no_grad():
            if not fitting or not changed:
                parameter.copy_(earlier)
            if fitting:
                old, new = places(*fitting[0])
                parameter[new] = earlier[old].to(parameter)
                rows.append(f"{columns.get(name, name)} {len(old):,} of {len(parameter):,}")
            elif parameter in looked_up and name not in columns:
                whole.append(name)
    notes = [f"rows taken over: {', '.join(rows)}"] if rows else []
    if whole:
        notes.append(f"taken over whole, as tables whose rows are neither users nor items: {', '.join(whole)}")
    if renumbered:
        named = ", ".join(dict.fromkeys(renumbered.values()))
        notes.append(f"begun anew, because the rows of its tables stood for other values: {named}")
    if left:
        why = "because it has another shape, was not there, or may be of users as well as of items"
        notes.append(f"begun anew, {why}: {', '.join(left)}")
    return taken, notes


def places(before: Sequence[Any], now: Sequence[Any]) -> tuple[Tensor, Tensor]:
    """The rows of what both have: where they were, and where they are."""
    where = {value: row for row, value in enumerate(before)}
    pairs = [(where[value], row) for row, value in enumerate(now) if value in where]
    old, new = torch.tensor(pairs, dtype=torch.int64).view(-1, 2).unbind(1)
    return old, new


def _encoders(module: nn.Module) -> Iterator[tuple[str, str, nn.Module]]:
    """Every encoder by path, with its column."""
    for path, bank in module.named_modules():
        if isinstance(bank, FieldBank):
            for place, (column, encoder) in enumerate(zip(bank.names, bank.encoders, strict=True)):
                yield f"{path}.encoders.{place}".removeprefix("."), column, encoder


def _columns(module: nn.Module) -> Iterator[tuple[str, str]]:
    """The column that each parameter of an encoder belongs to."""
    for path, column, encoder in _encoders(module):
        for name, _ in encoder.named_parameters():
            yield f"{path}.{name}", column


def _renumbered(
    module: nn.Module, weights: Mapping[str, Tensor], before: Vocabularies, now: Vocabularies
) -> dict[str, str]:
    """The parameters, with their column, of encoders whose tables have rows that meant something else.

    Those are encoders that were fitted to something else and have tables, none of them by vocabulary: of
    ranges, or of parts of a place in a vocabulary. Tables beside one by vocabulary are of positions, which mean
    the same.
    """
    found: dict[str, str] = {}
    for path, column, encoder in _encoders(module):
        parameters = {f"{path}.{name}": parameter for name, parameter in encoder.named_parameters()}
        looked_up = set(tables(encoder))
        sizes = [(len(weights[n]), len(p)) for n, p in parameters.items() if p in looked_up and n in weights]
        fitted_alike = all(same(before.states.get(key), now.states[key]) for key in _keys(column, now))
        named = any(_vocabularies("", column, pair, before, now) for pair in sizes)
        if sizes and not fitted_alike and not named:
            found |= dict.fromkeys(parameters, column)
    return found


def _keys(column: str, of: Vocabularies) -> list[str]:
    """Under what the states of a column's encoders are kept."""
    return [key for key in of.states if key.partition(".")[2] == column]


def _vocabularies(
    name: str, column: str | None, sizes: tuple[int, ...], before: Vocabularies, now: Vocabularies
) -> list[tuple[list[Any], list[Any]]]:
    """What the rows of a parameter may have stood for and stand for; empty where that has no name.

    Args:
        column: whose encoder it belongs to, if any; what belongs to none is of users, of items, or of both, all
            users first.
        sizes: rows before and now.
    """
    if column is not None:
        ends = [key for key in _keys(column, now) if key in before.states]
        lists = [(_named(key, before), _named(key, now)) for key in ends]
        found = [
            ([_UNSEEN, *old], [_UNSEEN, *new]) for old, new in lists if old is not None and new is not None
        ]
    else:
        named = [side for side in SIDES if side in name]
        found = [(_of((side,), before), _of((side,), now)) for side in named or SIDES]
        if len(named) != 1:
            found.append((_of(SIDES, before), _of(SIDES, now)))
    return [pair for pair in found if tuple(map(len, pair)) == sizes]


def _of(sides: Sequence[str], vocabularies: Vocabularies) -> list[Any]:
    """The entities of these sides, one side after the other."""
    return [(side, key) for side in sides for key in vocabularies.keys[side]]


def _named(key: str, of: Vocabularies) -> list[Any] | None:
    """What the rows of a column's table stand for, from row 1; None where it has no vocabulary."""
    state = of.states[key]
    if "items" in state:
        return [of.keys["item"][index] for index in state["items"]]
    return state.get("values")


_UNSEEN = object()
"""What row 0 of a vocabulary's table stands for."""
