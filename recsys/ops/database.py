"""Running a query: SQLite with the standard library, PostgreSQL with the extra `sql`."""

import hashlib
import importlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import polars as pl

from recsys.ops.finding import require
from recsys.types import UserError

SQLITE = "sqlite:///"
POSTGRES = ("postgresql://", "postgres://")
INSTALL = "pip install 'recsys[sql]'"
DRIVER = "adbc_driver_postgresql"

TWICE = "the query gives two columns one name; rename one with AS"

Connection = Any
"""As Python's database interface (PEP 249) has it."""


def problems_of(key: str, uri: str) -> list[str]:
    """What is wrong with an address of a database."""
    if uri.startswith((SQLITE, *POSTGRES)):
        return []
    return [f"{key}={uri}: write {SQLITE}<path> or {POSTGRES[0]}<user>@<host>:<port>/<database>"]


def query(key: str, uri: str, text: str) -> pl.DataFrame:
    """The rows of the query, in its order. Nothing is written: the database is opened for reading only.

    Args:
        key: where the query stands in the config, for messages.

    Raises:
        UserError: the database cannot be reached, a driver is missing, or the query fails; names the key, or
            `data.uri`.
    """
    sqlite = uri.startswith(SQLITE)
    with closing(_sqlite(uri) if sqlite else _postgres(uri)) as connection:
        try:
            return _from_sqlite(key, connection, text) if sqlite else _from_postgres(key, connection, text)
        except (pl.exceptions.PolarsError, sqlite3.Error, *_errors(uri)) as error:
            raise UserError(f"{key}: the query fails: {_reason(error)}") from None


def digest(frame: pl.DataFrame) -> str:
    """A hash of names, types, values and their order; of each value 64 bits count."""
    state = hashlib.sha256(repr(dict(frame.schema)).encode())
    for column in frame:
        state.update(column.hash(seed=0).to_numpy().tobytes())
    return state.hexdigest()


def _from_postgres(key: str, connection: Connection, text: str) -> pl.DataFrame:
    try:
        frame = pl.read_database(text, connection)
        return frame.with_columns(
            column.ext.storage() for column in frame if isinstance(column.dtype, pl.BaseExtension)
        )
    except pl.exceptions.DuplicateError as error:
        raise UserError(f"{key}: {TWICE} ({_reason(error)})") from None


def _from_sqlite(key: str, connection: sqlite3.Connection, text: str) -> pl.DataFrame:
    with closing(connection.cursor()) as cursor:
        names = _check_names(key, cursor.execute(text).description)
        rows = cursor.fetchall()
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return pl.DataFrame([_column(key, name, values) for name, values in zip(names, columns, strict=True)])


def _check_names(key: str, description: Sequence[Sequence[Any]] | None) -> list[str]:
    """The columns' names.

    Raises:
        UserError: it was no query, or a name stands twice.
    """
    names = [column[0] for column in description or ()]
    if not names:
        raise UserError(f"{key}: gives no rows; write one SELECT")
    twice = [name for place, name in enumerate(names) if name in names[:place]]
    if twice:
        raise UserError(f"{key}: {TWICE} ({twice[0]!r})")
    return names


def _column(key: str, name: str, values: Sequence[Any]) -> pl.Series:
    """SQLite holds values of any kind in one column; numbers among text are text, bytes are refused."""
    kinds = {type(value) for value in values} - {type(None)}
    if bytes in kinds and len(kinds) > 1:
        row = next(place for place, value in enumerate(values, 1) if isinstance(value, bytes))
        raise UserError(f"{key}: row {row}, column {name!r}: is binary, and others are not; cast it to text")
    if str in kinds and len(kinds) > 1:
        return pl.Series(name, [None if value is None else str(value) for value in values], dtype=pl.String)
    return pl.Series(name, values, strict=False)


def _sqlite(uri: str) -> sqlite3.Connection:
    file = Path(unquote(uri.removeprefix(SQLITE))).expanduser()
    try:
        require(file)
    except UserError as error:
        raise UserError(f"data.uri: {error}") from None
    return sqlite3.connect(f"file:{quote(str(file.resolve()))}?mode=ro", uri=True)


def _postgres(uri: str) -> Connection:
    driver = _driver()
    try:
        return driver.connect(uri)
    except driver.Error as error:
        raise UserError(f"data.uri: cannot connect: {_reason(error)}") from None


def _driver() -> Any:
    try:
        return importlib.import_module(f"{DRIVER}.dbapi")
    except ImportError:
        raise UserError(
            f"data.uri: PostgreSQL is read with {DRIVER}, which is not installed: {INSTALL}"
        ) from None


def _errors(uri: str) -> tuple[type[Exception], ...]:
    return () if uri.startswith(SQLITE) else (_driver().Error,)


def _reason(error: Exception) -> str:
    """The first line, and where the database says it the place in the query."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:2]) or type(error).__name__
