"""A person's own files."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from glob import glob
from pathlib import Path
from typing import Any, final, get_args

import polars as pl

from recsys.data import Source
from recsys.ops import casting, reading
from recsys.ops.indexing import index, key_of
from recsys.types import Columns, ColumnType, Events, UserError

Files = str | Sequence[str]


@final
class Table(Source):
    """Events, and what is known of users and items, in CSV, TSV or Parquet files.

    A text value is read by its declared type: `number` 3.5; `time` seconds since 1970 or an ISO date and time,
    UTC; `flag` true/false, 1/0, yes/no; `categories` split at `list_separator`; `geo` latitude;longitude in
    degrees. An empty field is a missing value. Ids, times and feedback may not be missing.

    Args:
        events: a path, a glob, or a list of them; rows of several files follow each other by file name.
        columns: `{user: {user_id: id, …}, item: {item_id: id, …}, context: {…}, feedback: {…}}`, a type for
            each column that is to be read. The first context column of type `time` is when the event happened.
        users: one row a user; None where the ids in the events are all that is known.
        items: one row an item, likewise.
        impressions: a row says that the item was shown, rather than taken up.
        separator: between fields; None takes a tab for .tsv and a comma for other text.
        list_separator: between the values of a `categories` field.
    """

    def __init__(
        self,
        *,
        events: Files,
        columns: Mapping[str, Any],
        users: Files | None = None,
        items: Files | None = None,
        impressions: bool = False,
        separator: str | None = None,
        list_separator: str = "|",
    ) -> None:
        self.files = {"events": events, "users": users, "items": items}
        self.declared = declare(columns)
        self.impressions = impressions  # type: ignore[misc]
        self.separator, self.list_separator = separator, list_separator

    @property
    def columns(self) -> Columns:
        """As declared."""
        return self.declared

    def fingerprint(self) -> str:
        """Paths, sizes and times of change of all files."""
        marks = [(file, file.stat()) for name in self.files for file in self._paths(name)]
        return "; ".join(f"{file.resolve()} {mark.st_size} {mark.st_mtime_ns}" for file, mark in marks)

    def load(self) -> Events:
        """Read, check and number everything."""
        columns = self.declared
        user, item = key_of(columns.user), key_of(columns.item)
        context = dict(columns.context)
        types: dict[str, ColumnType] = {user: "id", item: "id", **context, **columns.feedback}
        times = [name for name, type_ in context.items() if type_ == "time"][:1]
        log = self._read("events", types, {user, item, *times, *columns.feedback})
        for name in times:
            self._refuse_negative(log, name)
        users = self._read("users", dict(columns.user), {user}) if self.files["users"] else None
        items = self._read("items", dict(columns.item), {item}) if self.files["items"] else None
        self._refuse_twice("users", users, user)
        self._refuse_twice("items", items, item)
        self._refuse_lost(users, items)
        return index(log, users, items, columns, impressions=self.impressions)

    def _read(self, name: str, types: Mapping[str, ColumnType], required: set[str]) -> pl.DataFrame:
        parts = []
        for file in self._paths(name):
            separator = self.separator or ("\t" if file.suffix in (".tsv", ".tab") else ",")
            dialect = reading.Dialect(separator=separator)
            place = casting.Place(file, dialect.first_line, self.list_separator)
            parts.append(casting.cast(reading.read(file, dialect), types, place, required))
        return pl.concat(parts, how="vertical_relaxed")

    def _paths(self, name: str) -> list[Path]:
        """The files of one of the three arguments.

        Raises:
            UserError: a file is missing, or a glob matches nothing.
        """
        given = self.files[name]
        patterns = [] if given is None else [given] if isinstance(given, str) else list(given)
        found = []
        for pattern in patterns:
            path = Path(pattern).expanduser()
            if any(sign in pattern for sign in "*?["):
                matches = [Path(match) for match in sorted(glob(str(path), recursive=True))]
                if not matches:
                    raise UserError(f"data.{name}={pattern}: no file matches")
                found += matches
            else:
                reading.require(path)
                found.append(path)
        return found

    def _refuse_negative(self, log: pl.DataFrame, name: str) -> None:
        bad = log[name] < 0
        if bad.any():
            place = casting.Place(self._paths("events")[0], 2)
            row = (bad.arg_max() or 0) + place.first_line
            raise UserError(
                f"{place.file}: line {row}, column {name!r}: {log[name][bad.arg_max() or 0]} is before 1970; "
                "an event's time is seconds since 1970"
            )

    def _refuse_twice(self, name: str, frame: pl.DataFrame | None, key: str) -> None:
        if frame is None or not frame[key].is_duplicated().any():
            return
        row = frame[key].is_first_distinct().not_().arg_max() or 0
        raise UserError(
            f"{self._paths(name)[0]}: line {row + 2}, column {key!r}: {frame[key][row]!r} stands twice; "
            f"every row of {name} has an id of its own"
        )

    def _refuse_lost(self, users: pl.DataFrame | None, items: pl.DataFrame | None) -> None:
        """Columns that are declared and have no file to be read from."""
        for name, frame, types in (("users", users, self.declared.user), ("items", items, self.declared.item)):
            if frame is None and len(types) > 1:
                raise UserError(
                    f"data.columns.{name[:-1]}: columns beside the id need a file; give data.{name}"
                )


def declare(columns: Mapping[str, Any]) -> Columns:
    """The declared columns, checked.

    Raises:
        UserError: a side or a type that there is not, or no id; names the key.
    """
    sides = ("user", "item", "context", "feedback")
    problems = [
        f"data.columns.{side}: there is no such side; choose one of {', '.join(sides)}"
        for side in columns
        if side not in sides
    ]
    known = get_args(ColumnType)
    for side in sides:
        for name, type_ in (columns.get(side) or {}).items():
            if type_ not in known:
                near = difflib.get_close_matches(str(type_), known, n=1)
                hint = f"did you mean {near[0]!r}?" if near else f"choose one of {', '.join(known)}"
                problems.append(f"data.columns.{side}.{name}={type_}: no type of column; {hint}")
    for side in ("user", "item"):
        keys = [name for name, type_ in (columns.get(side) or {}).items() if type_ == "id"]
        if len(keys) != 1:
            problems.append(f"data.columns.{side}: has {len(keys)} columns of type id; it needs one, the key")
    if problems:
        raise UserError(*problems)
    return replace(Columns(user={}, item={}), **{side: dict(columns.get(side) or {}) for side in sides})
