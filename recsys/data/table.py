"""A person's own files."""

from collections.abc import Mapping, Sequence
from typing import Any, final

import polars as pl

from recsys.data import Source
from recsys.ops.casting import Form, TimeUnit
from recsys.ops.declaring import declare
from recsys.ops.finding import find
from recsys.ops.frames import read_frame
from recsys.ops.indexing import index_entities, key_of, time_of
from recsys.ops.lines import Dialect
from recsys.types import Columns, ColumnType, Events, UserError

Files = str | Sequence[str]


@final
class Table(Source):
    """Events, and what is known of users and items, in CSV, TSV or Parquet files.

    Text is UTF-8 with a line of column names, and is read by the declared types. `id`: whole numbers where all
    values are, text otherwise. `number`: 3.5. `time`: a number since 1970 UTC, or ISO 8601 (2025-06-01,
    2025-06-01T12:00:00+02:00; without an offset it is UTC). `flag`: true/false, 1/0 or yes/no. `categories`:
    values between list separators. `geo`: latitude;longitude in degrees, like 52.52;13.40. An empty field is a
    missing value: refused for ids, for the time of the event and for feedback that is not `optional`.

    Args:
        events: a path, a glob, or a list of them, relative to the current folder; the files of a glob follow
            each other by name. The order of the rows is kept.
        columns: `{user: {user_id: id, …}, item: {item_id: id, …}, context: {…}, feedback: {…}}`, a type for
            each column that is to be read. The first context column of type `time` is when the event happened.
            Columns of `user` and `item` beside the id stand in the files of users and items.
        users: files with one row a user; None where the ids in the events are all that is known.
        items: files with one row an item, likewise.
        impressions: a row says that the item was shown, rather than taken up.
        optional: feedback columns in which a value may be missing.
        separator: between fields of text; None takes a tab for .tsv and a comma otherwise.
        list_separator: between the values of a `categories` field.
        time_unit: of times that are numbers; they are rounded down to seconds.

    Raises:
        UserError: a declared side, type or name is impossible.
    """

    def __init__(
        self,
        *,
        events: Files,
        columns: Mapping[str, Any],
        users: Files | None = None,
        items: Files | None = None,
        impressions: bool = False,
        optional: Sequence[str] = (),
        separator: str | None = None,
        list_separator: str = "|",
        time_unit: TimeUnit = "seconds",
    ) -> None:
        self._columns = declare("data.columns", columns)
        self.events, self.users, self.items = events, users, items
        self.impressions = impressions  # type: ignore[misc]
        self.optional = optional
        self.separator, self.list_separator = separator, list_separator
        self.dialect, self.form = Dialect(separator), Form(list_separator, time_unit)
        problems = self._problems()
        if problems:
            raise UserError(*problems)

    @property
    def columns(self) -> Columns:
        """As declared."""
        return self._columns

    def fingerprint(self) -> str:
        """Paths, sizes and times of change of all files.

        Raises:
            UserError: a file is missing, or a glob finds none.
        """
        given = {"data.events": self.events, "data.users": self.users, "data.items": self.items}
        marks = [(file, file.stat()) for key, files in given.items() for file in find(key, files)]
        return "; ".join(f"{file.resolve()} {mark.st_size} {mark.st_mtime_ns}" for file, mark in marks)

    def load(self) -> Events:
        """Read, check and number everything."""
        columns = self._columns
        keys: dict[str, ColumnType] = {key_of(columns.user): "id", key_of(columns.item): "id"}
        time = time_of(columns)
        needed = {*keys, *columns.feedback, *([time] if time else [])} - set(self.optional)
        log = read_frame(
            find("data.events", self.events),
            self.dialect,
            {**keys, **columns.context, **columns.feedback},
            required=needed,
            event_time=time,
            form=self.form,
        )
        users = self._entities("data.users", self.users, columns.user)
        items = self._entities("data.items", self.items, columns.item)
        return index_entities(log, users, items, columns, impressions=self.impressions)

    def _entities(
        self, argument: str, files: Files | None, types: Mapping[str, ColumnType]
    ) -> pl.DataFrame | None:
        if files is None:
            return None
        key = key_of(types)
        return read_frame(find(argument, files), self.dialect, types, required=(key,), key=key, form=self.form)

    def _problems(self) -> list[str]:
        """What is wrong across the arguments."""
        problems = [
            f"data.{files}: no file is given, and data.columns.{side} has columns beside the id; "
            f"give data.{files}, or declare the id only"
            for side, files in (("user", "users"), ("item", "items"))
            if getattr(self, files) is None and len(getattr(self._columns, side)) > 1
        ]
        for name, value in (("separator", self.separator), ("list_separator", self.list_separator)):
            if value is not None and (not value or set(value) & set('"\r\n')):
                problems.append(
                    f"data.{name}={value!r}: write one or more characters, no quote and no line break"
                )
        feedback = self._columns.feedback
        strange = [name for name in self.optional if name not in feedback]
        if strange:
            has = ", ".join(feedback) or "none"
            problems.append(f"data.optional: {strange[0]!r} is no feedback column; there are: {has}")
        return problems
