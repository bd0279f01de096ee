"""A person's own tables in a database."""

from collections.abc import Mapping, Sequence
from typing import Any, final

from recsys.data import Source
from recsys.ops import database, secrets
from recsys.ops.casting import Form, TimeUnit
from recsys.ops.contents import Contents
from recsys.ops.declaring import declare
from recsys.ops.own_data import ROLES, Role, events_of, problems_of
from recsys.types import Columns, Events, UserError


@final
class Sql(Source):
    """Events, and what is known of users and items, by queries to SQLite or PostgreSQL.

    Values are taken as the database has them, and checked against the declared types like those of Parquet
    files (see `recsys.data.table`); the query casts other types (a uuid) to text. Whether data has changed can
    only be told by its rows: so the queries run once in every run, for a hash of the result, and once more
    where nothing is prepared yet. Both results have to be equal, so the events need an ORDER BY that leaves no
    ties where the database promises no order.

    Args:
        uri: `sqlite:///<path>`, the path relative to the current folder, or
            `postgresql://<user>@<host>:<port>/<database>` without a password, which every run would record:
            PGPASSWORD, PGPASSFILE and ~/.pgpass are read. PostgreSQL needs the extra `sql`.
        events: a query with one row an event; the order of the rows is kept.
        columns: as in `recsys.data.table`; columns of the results that are not declared are left alone.
        users: a query with one row a user; None where the ids in the events are all that is known.
        items: a query with one row an item, likewise.
        impressions: a row says that the item was shown, rather than taken up.
        optional: feedback columns in which a value may be missing.
        list_separator: between the values of a `categories` column of text.
        time_unit: of times that are numbers; they are rounded down to seconds.

    Raises:
        UserError: the address or a declared side, type or name is impossible, or the address has a password.
    """

    def __init__(
        self,
        *,
        uri: str,
        events: str,
        columns: Mapping[str, Any],
        users: str | None = None,
        items: str | None = None,
        impressions: bool = False,
        optional: Sequence[str] = (),
        list_separator: str = "|",
        time_unit: TimeUnit = "seconds",
    ) -> None:
        self._columns = declare("data.columns", columns)
        self.uri = uri
        self.queries: dict[Role, str | None] = {"events": events, "users": users, "items": items}
        self.impressions = impressions  # type: ignore[misc]
        self.optional, self.form = optional, Form(list_separator, time_unit)
        self._digests: dict[Role, str] = {}
        if secrets.in_address(uri):
            raise UserError(
                "data.uri: holds a password, which a run would record; leave it out, set PGPASSWORD"
            )
        problems = problems_of(self._columns, self.queries, optional, {"list_separator": list_separator})
        problems += database.problems_of("data.uri", uri)
        if problems:
            raise UserError(*problems)

    @property
    def columns(self) -> Columns:
        """As declared."""
        return self._columns

    def fingerprint(self) -> str:
        """A hash of the results; the queries run when it is first asked for.

        Raises:
            UserError: the database cannot be reached, or a query fails.
        """
        for role in ROLES:
            if role not in self._digests:
                self._contents(role)
        return "; ".join(f"{role} {digest}" for role, digest in self._digests.items())

    def load(self) -> Events:
        """Query, check and number everything.

        Raises:
            UserError: also where a result differs from the one of the fingerprint.
        """
        return events_of(
            self._columns,
            self._contents,
            optional=self.optional,
            impressions=self.impressions,
            form=self.form,
        )

    def _contents(self, role: Role) -> list[Contents] | None:
        text, key = self.queries[role], f"data.{role}"
        if text is None:
            return None
        frame = database.query(key, self.uri, text)
        digest = database.digest(frame)
        if self._digests.setdefault(role, digest) != digest:
            raise UserError(
                f"{key}: the result changed between two readings; wait until nobody writes, or give the query "
                "an ORDER BY without ties"
            )
        if not len(frame):
            raise UserError(f"{key}: the query gives no rows; it needs at least one")
        return [Contents(key, frame)]
