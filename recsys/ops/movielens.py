"""What the releases of MovieLens share: ratings of films, in one of two layouts."""

from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from recsys.ops.films import read_films
from recsys.ops.frames import read_frame
from recsys.ops.indexing import index_entities
from recsys.ops.lines import Dialect
from recsys.ops.numbers import read_numbers
from recsys.types import Columns, ColumnType, Events

USER: dict[str, ColumnType] = {"user_id": "id"}
FILM: dict[str, ColumnType] = {"item_id": "id", "title": "text", "genres": "categories", "year": "number"}


@dataclass(frozen=True)
class Layout:
    """How a release is written.

    Attributes:
        ratings, films: names of the files.
        rated, filmed: their dialects.
        user, item: what the files call the ids.
    """

    ratings: str
    films: str
    rated: Dialect
    filmed: Dialect
    user: str = "user_id"
    item: str = "item_id"

    @property
    def files(self) -> tuple[str, str]:
        """Both names."""
        return self.ratings, self.films


DAT = Layout(
    "ratings.dat",
    "movies.dat",
    Dialect("::", ("user_id", "item_id", "rating", "timestamp"), quoted=False),
    Dialect("::", ("item_id", "title", "genres"), quoted=False),
)
"""Of 10M; 1M as well, in latin-1."""

LATIN_DAT = replace(DAT, filmed=replace(DAT.filmed, encoding="latin-1"))

CSV = Layout("ratings.csv", "movies.csv", Dialect(), Dialect(), "userId", "movieId")
"""Of 20M and what came later."""


def columns(user: dict[str, ColumnType] = USER, film: dict[str, ColumnType] = FILM) -> Columns:
    """The declared columns; `year` is of the film's release, from its title."""
    return Columns(
        user=dict(user), item=dict(film), context={"timestamp": "time"}, feedback={"rating": "number"}
    )


def read_release(folder: Path, layout: Layout, declared: Columns, users: pl.DataFrame | None = None) -> Events:
    """The ratings and films, numbered.

    Args:
        declared: the source's columns.
        users: their own frame; None where nothing is known of them but their ids.

    Raises:
        UserError: a file cannot be read; names the file and the line.
    """
    log = read_ratings(folder / layout.ratings, layout.rated, layout.user, layout.item)
    films = read_films(folder / layout.films, layout.filmed, key=layout.item)
    return index_entities(log, users, films, declared, impressions=False)


def read_ratings(file: Path, dialect: Dialect, user: str = "user_id", item: str = "item_id") -> pl.DataFrame:
    """`user_id`, `item_id`, `timestamp` and `rating`, in the file's order.

    Args:
        user, item: what the file calls the ids.

    Raises:
        UserError: the file cannot be read; names the line.
    """
    types: dict[str, ColumnType] = {user: "id", item: "id", "timestamp": "time", "rating": "number"}
    log = read_numbers(file, dialect, types)
    if log is None:
        log = read_frame([file], dialect, types, event_time="timestamp")
    return log.rename({user: "user_id", item: "item_id"})
