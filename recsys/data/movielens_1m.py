"""MovieLens 1M."""

from typing import final

from recsys.data import Source
from recsys.ops import download
from recsys.ops.films import read_films
from recsys.ops.frames import read_frame
from recsys.ops.indexing import index_entities
from recsys.ops.lines import Dialect
from recsys.types import Columns, Events

NAME, FILES = "ml-1m", ("ratings.dat", "users.dat", "movies.dat")


@final
class MovieLens1M(Source):
    """1,000,209 ratings of 3,706 films by 6,040 users, 2000-2003, in the publisher's own files.

    Harper and Konstan 2015, "The MovieLens Datasets: History and Context". Read from `ml-1m/` in the data home,
    downloaded into it where it is not there. `age` is the publisher's age group.

    Args:
        url: of the publisher's archive.
        md5: of the archive.
    """

    def __init__(
        self,
        *,
        url: str = "https://files.grouplens.org/datasets/movielens/ml-1m.zip",
        md5: str = "c4d9eecfca2ab87c1945afe126590906",
    ) -> None:
        self.url, self.md5 = url, md5

    @property
    def columns(self) -> Columns:
        """What the files hold; `year` is of the film's release, from its title."""
        return Columns(
            user={
                "user_id": "id",
                "gender": "category",
                "age": "category",
                "occupation": "category",
                "zip": "category",
            },
            item={"item_id": "id", "title": "text", "genres": "categories", "year": "number"},
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
        log = read_frame(
            [folder / "ratings.dat"],
            Dialect("::", ("user_id", "item_id", "rating", "timestamp"), quoted=False),
            {"user_id": "id", "item_id": "id", "timestamp": "time", "rating": "number"},
            event_time="timestamp",
        )
        users = read_frame(
            [folder / "users.dat"],
            Dialect("::", tuple(columns.user), quoted=False),
            columns.user,
            key="user_id",
        )
        dialect = Dialect("::", ("item_id", "title", "genres"), encoding="latin-1", quoted=False)
        films = read_films(folder / "movies.dat", dialect, key="item_id")
        return index_entities(log, users, films, columns, impressions=self.impressions)
