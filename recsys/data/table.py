"""A person's own files."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, final

from recsys.data import Source
from recsys.ops import secrets
from recsys.ops.casting import Form, TimeUnit
from recsys.ops.contents import Contents
from recsys.ops.declaring import declare
from recsys.ops.finding import find
from recsys.ops.lines import Dialect
from recsys.ops.own_data import ROLES, Role, events_of, problems_of
from recsys.ops.reading import read
from recsys.ops.remote import Copies
from recsys.types import Columns, Events, UserError

Files = str | Sequence[str]
Options = Mapping[str, str | bool | int]


@final
class Table(Source):
    """Events, and what is known of users and items, in CSV, TSV, JSON Lines, Parquet or Arrow files.

    The name's ending says which: .jsonl and .ndjson, .parquet and .pq, .arrow, .ipc and .feather; everything
    else is delimited text. Text may be compressed (.gz). It is UTF-8, delimited text with a line of column
    names, JSON Lines with an object a line, and is read by the declared types. `id`: whole numbers where all
    values are, text otherwise. `number`: 3.5. `time`: a number since 1970 UTC, or ISO 8601 (2025-06-01,
    2025-06-01T12:00:00+02:00; without an offset it is UTC). `flag`: true/false, 1/0 or yes/no. `categories`:
    values between list separators. `geo`: latitude;longitude in degrees, like 52.52;13.40. An empty field is a
    missing value: refused for ids, for the time of the event and for feedback that is not `optional`.

    Of Parquet and Arrow the declared columns are read, one after the other, ids of the log in pieces.

    Files may lie elsewhere: https://…, s3://bucket/…, gs://bucket/… or az://container/…. Whether a file on the
    web has changed is told by its size and its ETag or date, where the server gives them. Otherwise, and on
    object storage always, it is fetched and hashed, once a run.

    Args:
        events: a path, a glob, an address, or a list of them, relative to the current folder; the files of a
            glob follow each other by name. The order of the rows is kept.
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
        storage_options: polars' `storage_options` for object storage, for example `{aws_region: eu-west-1}`.
            Credentials come from the environment (AWS_…, GOOGLE_…, AZURE_…): what stands here is recorded.

    Raises:
        UserError: a declared side, type or name is impossible, or an option looks like a secret.
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
        storage_options: Options | None = None,
    ) -> None:
        self._columns = declare("data.columns", columns)
        self.files: dict[Role, Files | None] = {"events": events, "users": users, "items": items}
        self.impressions = impressions  # type: ignore[misc]
        self.optional, self.storage_options = optional, storage_options
        self.dialect, self.form = Dialect(separator), Form(list_separator, time_unit)
        separators = {"separator": separator, "list_separator": list_separator}
        problems = problems_of(self._columns, self.files, optional, separators)
        problems += secrets.in_options("data.storage_options", storage_options)
        if problems:
            raise UserError(*problems)

    @property
    def columns(self) -> Columns:
        """As declared."""
        return self._columns

    @cached_property
    def copies(self) -> Copies:
        """Copies of remote files, kept as long as this source."""
        return Copies(self.storage_options)

    def fingerprint(self) -> str:
        """Paths, sizes and times of change of local files; of remote ones what tells their versions apart.

        Raises:
            UserError: a file is missing, or a glob finds none.
        """
        marks = []
        for role in ROLES:
            for place in find(f"data.{role}", self.files[role]):
                if isinstance(place, str):
                    marks.append(self.copies.mark(place))
                else:
                    mark = place.stat()
                    marks.append(f"{place.resolve()} {mark.st_size} {mark.st_mtime_ns}")
        return "; ".join(marks)

    def load(self) -> Events:
        """Read, check and number everything."""
        return events_of(
            self._columns,
            self._contents,
            optional=self.optional,
            impressions=self.impressions,
            form=self.form,
        )

    def _contents(self, role: Role) -> list[Contents] | None:
        if self.files[role] is None:
            return None
        places = find(f"data.{role}", self.files[role])
        files = [self.copies.of(place) if isinstance(place, str) else place for place in places]
        return [read(file, self.dialect) for file in files]
