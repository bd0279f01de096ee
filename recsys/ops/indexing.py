"""From frames with the source's own ids to events with indices."""

import polars as pl

from recsys.types import Columns, Events, UserError


def index(
    log: pl.DataFrame,
    users: pl.DataFrame | None,
    items: pl.DataFrame | None,
    columns: Columns,
    *,
    impressions: bool,
) -> Events:
    """Number the users and items: those of their own frame first, in its order, then those of the log.

    Args:
        log: with the id columns, the context and the feedback columns, under the source's names.
        users, items: one row an entity; None where the log is all that is known of them.

    Raises:
        UserError: an id stands twice in its frame; the caller names the file.
    """
    user_key, item_key = key_of(columns.user), key_of(columns.item)
    users, items = _entities(users, log[user_key]), _entities(items, log[item_key])
    time = next((name for name, type_ in columns.context.items() if type_ == "time"), None)
    rest = [name for name in (*columns.context, *columns.feedback) if name != time]
    indexed = log.select(
        _places(log[user_key], users[user_key]).alias("user"),
        _places(log[item_key], items[item_key]).alias("item"),
        *([pl.col(time).alias("time")] if time else []),
        *rest,
    )
    return Events(indexed, users, items, columns, impressions)


def key_of(types: dict[str, str] | object) -> str:
    """The name of the id column."""
    return next(name for name, type_ in types.items() if type_ == "id")  # type: ignore[attr-defined]


def _entities(frame: pl.DataFrame | None, keys: pl.Series) -> pl.DataFrame:
    found = keys.unique(maintain_order=True).to_frame()
    if frame is None:
        return found
    name = keys.name
    if frame[name].dtype != keys.dtype:
        frame, found = frame.with_columns(pl.col(name).cast(pl.String)), found.cast({name: pl.String})
    if frame[name].is_duplicated().any():
        raise UserError(f"{name}: {frame[name].filter(frame[name].is_duplicated())[0]!r} stands twice")
    return pl.concat([frame, found.join(frame, on=name, how="anti", maintain_order="left")], how="diagonal")


def _places(keys: pl.Series, entities: pl.Series) -> pl.Series:
    numbered = pl.DataFrame({"key": entities, "place": pl.arange(len(entities), dtype=pl.UInt32, eager=True)})
    asked = keys.cast(entities.dtype).alias("key").to_frame()
    return asked.join(numbered, on="key", how="left", maintain_order="left")["place"]
