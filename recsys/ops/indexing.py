"""From frames with the source's own ids to events with indices."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from recsys.types import Columns, ColumnType, Events


def index_entities(
    log: pl.DataFrame,
    users: pl.DataFrame | None,
    items: pl.DataFrame | None,
    columns: Columns,
    *,
    impressions: bool,
    parted: bool = False,
) -> Events:
    """Number the users and items: those of their own frame first, in its order, then those of the log.

    Users and items that only the log knows follow in the order in which they appear; their attributes are
    missing. The rows of the log keep their order.

    Args:
        log: with the id columns, the context and the feedback columns, under the source's names; no id missing.
            Ids of text may come as `pl.Categorical`.
        users: one row a user, no id twice; None where the log is all that is known of them.
        items: likewise.
        parted: the log has the publisher's own split as a column `part`, which is kept.
    """
    user, item = key_of(columns.user), key_of(columns.item)
    users, items = _entities(users, log[user]), _entities(items, log[item])
    time = time_of(columns)
    rest = [name for name in (*columns.context, *columns.feedback) if name != time]
    indexed = log.select(
        _places(log[user], users[user]).alias("user"),
        _places(log[item], items[item]).alias("item"),
        *([pl.col(time).alias("time")] if time else []),
        *rest,
        *(["part"] if parted else []),
    )
    return Events(indexed, users, items, columns, impressions)


def key_of(types: Mapping[str, ColumnType]) -> str:
    """The name of the id column."""
    return next(name for name, type_ in types.items() if type_ == "id")


def time_of(columns: Columns) -> str | None:
    """The name of the column that says when the event happened."""
    return next((name for name, type_ in columns.context.items() if type_ == "time"), None)


def _entities(frame: pl.DataFrame | None, keys: pl.Series) -> pl.DataFrame:
    found = _text(keys.unique(maintain_order=True)).to_frame()
    if frame is None:
        return found
    name = keys.name
    if frame[name].dtype != found[name].dtype:
        frame, found = frame.cast({name: pl.String}), found.cast({name: pl.String})
    return pl.concat([frame, found.join(frame, on=name, how="anti", maintain_order="left")], how="diagonal")


def _places(keys: pl.Series, entities: pl.Series) -> pl.Series:
    """Where each key stands among the entities, UInt32."""
    if keys.dtype == pl.Categorical:
        return _places_of_codes(keys, entities)
    numbered = pl.DataFrame({"key": entities, "place": pl.arange(len(entities), dtype=pl.UInt32, eager=True)})
    asked = keys.cast(entities.dtype).alias("key").to_frame()
    return asked.join(numbered, on="key", how="left", maintain_order="left")["place"]


def _places_of_codes(keys: pl.Series, entities: pl.Series) -> pl.Series:
    """By a table of the place of each code, so that no text is made of the rows."""
    distinct = keys.unique()
    codes = distinct.to_physical()
    places = np.zeros(int(codes.max() or 0) + 1, dtype=np.uint32)  # type: ignore[arg-type]
    places[codes.to_numpy()] = _places(_text(distinct), entities).to_numpy()
    return pl.Series("place", places).gather(keys.to_physical())


def _text(keys: pl.Series) -> pl.Series:
    return keys.cast(pl.String) if keys.dtype == pl.Categorical else keys
