"""Ids that nobody can read without the key."""

import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, final

import polars as pl

from recsys.ops.indexing import time_of
from recsys.preparation import Moment, Preparation
from recsys.types import ColumnType, Events, UserError

LENGTH = 32
"""Hexadecimal digits of a pseudonym: 128 bits, so that no two ids will share one."""


@final
class Pseudonymise(Preparation):
    """Replace ids by HMAC-SHA256 of the id under a secret key, its first 128 bits in hexadecimal.

    It is done before anything is written: prepared data, checkpoints and results hold pseudonyms alone. Equal
    ids have equal pseudonyms in every column, equal keys equal pseudonyms in every run, and who has the key can
    find out whose a pseudonym is: Krawczyk, Bellare and Canetti 1997, "HMAC: Keyed-Hashing for Message
    Authentication" (RFC 2104). The source's own files stay as they are, and so do other columns: a name in a
    text is still a name.

    Args:
        key: the environment variable that holds the key, never the key itself.
        also: columns beside those of type id that hold ids, of type category or categories.
    """

    moment: ClassVar[Moment] = "loaded"

    def __init__(self, *, key: str = "RECSYS_PSEUDONYM_KEY", also: Sequence[str] = ()) -> None:
        self.key, self.also = key, tuple(also)
        # Prepared data of another key must not be taken from the cache; the digest does not tell the key.
        self.depends = _pseudonym(self._secret(), "recsys cache")

    def apply(self, events: Events) -> tuple[Events, Sequence[str]]:
        """Replace the ids of users, items and context.

        Raises:
            UserError: a column of `also` is not there, or cannot hold ids; or the environment has no key.
        """
        columns, secret = events.columns, self._secret()
        time, rest = time_of(columns), (*columns.context.items(), *columns.feedback.items())
        in_log: Mapping[str, ColumnType] = {name: type_ for name, type_ in rest if name != time}
        self._check({**columns.user, **columns.item, **in_log})
        changed = replace(
            events,
            log=self._replaced(events.log, in_log, secret),
            users=self._replaced(events.users, columns.user, secret),
            items=self._replaced(events.items, columns.item, secret),
        )
        return changed, ["ids are pseudonyms"]

    def _replaced(self, frame: pl.DataFrame, types: Mapping[str, ColumnType], secret: bytes) -> pl.DataFrame:
        held = [name for name, type_ in types.items() if type_ == "id" or name in self.also]
        return frame.with_columns(_pseudonyms(frame[name], secret) for name in held)

    def _secret(self) -> bytes:
        secret = os.environ.get(self.key, "")
        if not secret:
            raise UserError(
                f"preparation.pseudonymise.key={self.key}: the environment has no such variable, or it is "
                "empty; write a long random text into it"
            )
        return secret.encode()

    def _check(self, types: Mapping[str, ColumnType]) -> None:
        for name in self.also:
            if types.get(name) not in ("id", "category", "categories"):
                found = f"is declared as {types[name]}" if name in types else "is no column of the data"
                raise UserError(
                    f"preparation.pseudonymise.also: {name} {found}; name columns of type category or "
                    "categories"
                )


def _pseudonyms(values: pl.Series, secret: bytes) -> pl.Series:
    """The values, or the values in their lists, as pseudonyms; missing ones stay missing."""
    lists = values.dtype == pl.List
    held = values.explode(empty_as_null=False, keep_nulls=False) if lists else values
    known = held.drop_nulls().unique()
    names = pl.DataFrame(
        {"id": known, "name": [_pseudonym(secret, str(one)) for one in known]},
        schema={"id": known.dtype, "name": pl.String},
    )
    return _named_lists(values, names) if lists else _named(values, names)


def _named_lists(values: pl.Series, names: pl.DataFrame) -> pl.Series:
    rows = pl.DataFrame({"row": pl.int_range(len(values), eager=True), "list": values})
    lists = rows.filter(pl.col("list").list.len() > 0).explode("list")
    lists = lists.with_columns(_named(lists["list"], names).alias("list")).group_by("row", maintain_order=True)
    joined = rows.select("row", old="list").join(lists.agg("list"), on="row", how="left", maintain_order="left")
    empty = pl.when(pl.col("old").is_not_null()).then(pl.lit([], pl.List(pl.String)))
    return joined.select(pl.coalesce("list", empty).alias(values.name)).to_series()


def _named(values: pl.Series, names: pl.DataFrame) -> pl.Series:
    asked = values.alias("id").to_frame()
    return asked.join(names, on="id", how="left", maintain_order="left")["name"].alias(values.name)


def _pseudonym(secret: bytes, text: str) -> str:
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()[:LENGTH]
