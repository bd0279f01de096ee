"""MovieLens 100K."""

from typing import final

import polars as pl

from recsys.data import Source
from recsys.ops import casting, download, reading
from recsys.ops.indexing import index
from recsys.ops.typed import typed
from recsys.types import Columns, Events

NAME, FILES = "ml-100k", ("u.data", "u.user", "u.item", "u.genre")
ITEM = ("item_id", "title", "release_date", "video_release_date", "imdb_url")


@final
class MovieLens100K(Source):
    """100,000 ratings of 1,682 films by 943 users, 1997-1998, in the publisher's own files.

    Harper and Konstan 2015, "The MovieLens Datasets: History and Context". Read from `ml-100k/` in the data
    home, downloaded into it where it is not there.

    Args:
        url: of the publisher's archive.
        md5: of the archive.
    """

    def __init__(
        self,
        *,
        url: str = "https://files.grouplens.org/datasets/movielens/ml-100k.zip",
        md5: str = "0e33842e24a9c977be4e0107933c0723",
    ) -> None:
        self.url, self.md5 = url, md5

    @property
    def columns(self) -> Columns:
        """What the files hold; `released` is the film's release date."""
        return Columns(
            user={
                "user_id": "id",
                "age": "number",
                "gender": "category",
                "occupation": "category",
                "zip": "category",
            },
            item={"item_id": "id", "title": "text", "genres": "categories", "released": "time"},
            context={"timestamp": "time"},
            feedback={"rating": "number"},
        )

    def fingerprint(self) -> str:
        """Of the files, which are downloaded first."""
        folder = download.obtain(NAME, FILES, self.url, self.md5)
        return f"{NAME} {download.fingerprint(folder, FILES)}"

    def load(self) -> Events:
        """Read the files."""
        folder = download.obtain(NAME, FILES, self.url, self.md5)
        columns = self.columns
        log = typed(
            folder / "u.data",
            reading.Dialect("\t", ("user_id", "item_id", "rating", "timestamp"), quoted=False),
            {"user_id": "id", "item_id": "id", "timestamp": "time", "rating": "number"},
        )
        users = typed(
            folder / "u.user",
            reading.Dialect("|", ("user_id", "age", "gender", "occupation", "zip"), quoted=False),
            dict(columns.user),
        )
        genre = reading.read(folder / "u.genre", reading.Dialect("|", ("genre", "place"), quoted=False))
        names = genre.drop_nulls().sort(pl.col("place").cast(pl.Int64))["genre"].to_list()
        dialect = reading.Dialect("|", (*ITEM, *names), encoding="latin-1", quoted=False)
        return index(
            log, users, _films(reading.read(folder / "u.item", dialect), names), columns, impressions=False
        )


def _films(raw: pl.DataFrame, genres: list[str]) -> pl.DataFrame:
    """Genre flags as lists, release dates as seconds since 1970 (negative before)."""
    named = [pl.when(pl.col(genre) == "1").then(pl.lit(genre)) for genre in genres]
    released = pl.col("release_date").str.to_date("%d-%b-%Y", strict=False).cast(pl.Datetime("us"))
    return raw.select(
        casting.whole("item_id"),
        "title",
        pl.concat_list(named).list.drop_nulls().alias("genres"),
        released.dt.epoch("s").alias("released"),
    )
