"""The films of the MovieLens files that keep genres and year in text."""

import polars as pl

from recsys.ops import casting


def films(raw: pl.DataFrame) -> pl.DataFrame:
    """Genres as lists, and the year that ends the title as a number.

    Args:
        raw: `item_id`, `title` and `genres` as text.
    """
    genres = pl.col("genres").replace("(no genres listed)", None).str.split("|").fill_null([])
    year = pl.col("title").str.extract(r"\((\d{4})\)\s*$").cast(pl.Float64, strict=False)
    return raw.select(casting.whole("item_id"), "title", genres.alias("genres"), year.alias("year"))
