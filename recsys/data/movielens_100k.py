"""MovieLens 100K."""

from dataclasses import replace
from pathlib import Path
from typing import final

import polars as pl

from recsys.data import Source
from recsys.ops.casting import Form
from recsys.ops.folders import Downloaded
from recsys.ops.frames import read_frame
from recsys.ops.indexing import index_entities
from recsys.ops.lines import Dialect
from recsys.ops.movielens import DAT, columns, read_ratings
from recsys.types import Columns, ColumnType, Events

USER: dict[str, ColumnType] = {
    "user_id": "id",
    "age": "number",
    "gender": "category",
    "occupation": "category",
    "zip": "category",
}
FILM = ("item_id", "title", "released", "video_released", "imdb_url")
"""Before the genre flags."""


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
        self.folder = Downloaded("ml-100k", ("u.data", "u.user", "u.item", "u.genre"), url, md5)

    @property
    def columns(self) -> Columns:
        """What the files hold; `released` is the film's release date."""
        return columns(USER, {"item_id": "id", "title": "text", "genres": "categories", "released": "time"})

    def fingerprint(self) -> str:
        """Of the files, which are downloaded first."""
        return self.folder.fingerprint()

    def load(self) -> Events:
        """Read the files."""
        folder = self.folder.path()
        log = read_ratings(folder / "u.data", replace(DAT.rated, separator="\t"))
        dialect = Dialect("|", tuple(USER), quoted=False)
        users = read_frame([folder / "u.user"], dialect, USER, key="user_id")
        return index_entities(log, users, _films(folder), self.columns, impressions=False)


def _films(folder: Path) -> pl.DataFrame:
    """The films, their genre flags as lists."""
    genres = _genres(folder / "u.genre")
    types: dict[str, ColumnType] = {"item_id": "id", "title": "text", "released": "time"}
    flags: dict[str, ColumnType] = dict.fromkeys(genres, "flag")
    films = read_frame(
        [folder / "u.item"],
        Dialect("|", (*FILM, *genres), encoding="latin-1", quoted=False),
        {**types, **flags},
        required=("item_id", "title", *genres),
        key="item_id",
        form=Form(time_format="%d-%b-%Y"),
    )
    named = [pl.when(pl.col(genre)).then(pl.lit(genre)) for genre in genres]
    lists = pl.concat_list(named).list.drop_nulls().alias("genres")
    return films.select("item_id", "title", lists, "released")


def _genres(file: Path) -> list[str]:
    """The genres in the order of their flags."""
    frame = read_frame(
        [file], Dialect("|", ("genre", "place"), quoted=False), {"genre": "text", "place": "number"}
    )
    return frame.sort("place")["genre"].to_list()
