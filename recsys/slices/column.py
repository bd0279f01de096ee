"""Users, items or held-out rows by what a column says of them."""

import difflib
from collections.abc import Collection, Mapping, Sequence
from typing import Literal, final

import torch
from torch import Tensor

from recsys.ops import binning, csr
from recsys.slices import Slicer
from recsys.types import Attribute, Csr, Facts, Groups, HoldoutRows, PositiveInt, UserError

Place = tuple[Literal["user", "item", "row"], Attribute]


@final
class Column(Slicer):
    """Groups by raw columns: the values of a category, flag or id, the quantiles of a number or time.

    Missing values are a group of their own. Of a column of several categories an entity is in each of its own.
    Quantiles and frequencies are those of all users, of all items, or of the held-out rows; equal numbers are
    never parted, so that there can be fewer groups than asked for.

    Args:
        columns: `user.<name>`, `item.<name>` or `context.<name>`; the name alone where only one side has it.
        bins: groups of a number or a time.
        most: of a column with more values than this the most frequent ones are kept, and the others are one
            group.
    """

    def __init__(self, *, columns: Sequence[str], bins: PositiveInt = 4, most: PositiveInt = 20) -> None:
        if not columns:
            raise UserError("slices.column.columns=[]: at least one column, for example [user.age]")
        self.columns, self.bins, self.most = tuple(columns), bins, most

    def groups(self, facts: Facts, rows: HoldoutRows, attributes: Mapping[str, Attribute]) -> Sequence[Groups]:
        """One way for each column, under its full name (`user.age`).

        Raises:
            UserError: columns that are not there, that both sides have, or of places; all of them at once.
        """
        known: dict[str, Place] = {
            **{f"user.{name}": ("user", column) for name, column in facts.users.items()},
            **{f"item.{name}": ("item", column) for name, column in facts.items.items()},
            **{f"context.{name}": ("row", column) for name, column in attributes.items()},
        }
        found = {asked: _matches(asked, known) for asked in self.columns}
        problems = [_problem(asked, names, known) for asked, names in found.items() if len(names) != 1]
        problems += [
            f"slices.column.columns: {name} is of type geo, and places have no groups; name another column"
            for names in found.values()
            for name in names
            if known[name][1].type == "geo"
        ]
        if problems:
            raise UserError(*problems)
        names = dict.fromkeys(name for (name,) in found.values())
        return [self._parted(name, *known[name]) for name in names]

    def _parted(self, name: str, side: Literal["user", "item", "row"], column: Attribute) -> Groups:
        if isinstance(column.values, Csr):
            return Groups(name, side, *_several(column.values, column.names, self.most))
        if column.type in ("number", "time"):
            show = binning.shown_time if column.type == "time" else binning.shown_number
            return Groups(name, side, *binning.of_numbers(column.values, self.bins, show))
        return Groups(name, side, *_single(column.values, column.names, self.most))


def _single(values: Tensor, names: Sequence[str], most: int) -> tuple[Tensor, tuple[str, ...]]:
    """Groups of one value each."""
    group, kept = _frequent(values[values >= 0], names, most)
    of = torch.where(values >= 0, group[values], len(kept))
    return of, (*kept, _unused(binning.MISSING, kept)) if bool((values < 0).any()) else kept


def _several(values: Csr, names: Sequence[str], most: int) -> tuple[Csr, tuple[str, ...]]:
    """Groups of several values each; an entity without any is missing."""
    group, kept = _frequent(values.idx, names, most)
    empty = (csr.lengths(values) == 0).nonzero().squeeze(1)
    rows = torch.cat([csr.rows_of(values), empty])
    of = torch.cat([group[values.idx], torch.full_like(empty, len(kept))])
    listed = csr.from_pairs(rows, of, len(values.ptr) - 1)
    return listed, (*kept, _unused(binning.MISSING, kept)) if len(empty) else kept


def _frequent(places: Tensor, names: Sequence[str], most: int) -> tuple[Tensor, tuple[str, ...]]:
    """The group of each of the names, most frequent first, and the names of the groups.

    Args:
        places: `[M]` int64, a name for each occurrence.
    """
    times = torch.bincount(places, minlength=len(names))
    order = torch.argsort(times, descending=True, stable=True)[: int((times > 0).sum())]
    group = torch.full((max(len(names), 1),), most)
    group[order[:most]] = torch.arange(min(most, len(order)))
    kept = tuple(names[int(place)] for place in order[:most])
    return group, (*kept, _unused("other", kept)) if len(order) > most else kept


def _unused(name: str, taken: Collection[str]) -> str:
    """The name, or a longer one where a value of the column has it already."""
    while name in taken:
        name += " values"
    return name


def _matches(asked: str, known: Collection[str]) -> list[str]:
    """The full names that may be meant."""
    if asked in known:
        return [asked]
    return [name for name in known if name.partition(".")[2] == asked]


def _problem(asked: str, names: Sequence[str], known: Collection[str]) -> str:
    if names:
        return f"slices.column.columns: {asked!r} is in several places; write {' or '.join(names)}"
    if not known:
        return f"slices.column.columns: there is no column {asked!r}; the data has no columns to slice by"
    full = {name.partition(".")[2]: name for name in known} | {name: name for name in known}
    near = difflib.get_close_matches(asked, list(full), n=1, cutoff=0.6)
    hint = f"did you mean {full[near[0]]!r}? " if near else ""
    return f"slices.column.columns: there is no column {asked!r}; {hint}there are {', '.join(known)}"
