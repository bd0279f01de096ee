"""The films of the MovieLens files that keep genres in a list and the year in the title."""

from pathlib import Path

import polars as pl

from recsys.ops.casting import Form
from recsys.ops.frames import read_frame
from recsys.ops.lines import Dialect

NO_GENRE = "(no genres listed)"
YEAR = r"\((\d{4})(?:[-–]\d{0,4})?\)\s*$"
"""At the end of a title; of a series, `(2006-2010)`, the first."""


def read_films(file: Path, dialect: Dialect, *, key: str) -> pl.DataFrame:
    """`item_id`, `title`, `genres` and the `year` that ends the title, missing where none does.

    Args:
        key: what the file calls the id.

    Raises:
        UserError: the file cannot be read.
    """
    types = {key: "id", "title": "text", "genres": "categories"}
    raw = read_frame([file], dialect, types, key=key, form=Form(list_separator="|"))  # type: ignore[arg-type]
    genres = pl.col("genres").list.eval(pl.element().filter(pl.element() != NO_GENRE))
    year = pl.col("title").str.extract(YEAR).cast(pl.Float64)
    return raw.select(pl.col(key).alias("item_id"), "title", genres, year.alias("year"))
