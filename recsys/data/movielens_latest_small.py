"""MovieLens latest-small."""

from typing import final

from recsys.data import Source
from recsys.ops import download
from recsys.ops.films import read_films
from recsys.ops.frames import read_frame
from recsys.ops.indexing import index_entities
from recsys.ops.lines import Dialect
from recsys.types import Columns, Events

NAME, FILES = "ml-latest-small", ("ratings.csv", "movies.csv")


@final
class MovieLensLatestSmall(Source):
    """About 100,000 recent ratings of some 9,000 films; the publisher replaces the archive from time to time.

    Harper and Konstan 2015, "The MovieLens Datasets: History and Context". Read from `ml-latest-small/` in the
    data home, downloaded into it where it is not there. Nothing is known of the users but their ids.

    Args:
        url: of the publisher's archive.
        md5: of the archive; None takes the one that the publisher keeps beside it.
    """

    def __init__(
        self,
        *,
        url: str = "https://files.grouplens.org/datasets/movielens/ml-latest-small.zip",
        md5: str | None = None,
    ) -> None:
        self.url, self.md5 = url, md5

    @property
    def columns(self) -> Columns:
        """What the files hold; `year` is of the film's release, from its title."""
        return Columns(
            user={"user_id": "id"},
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
        log = read_frame(
            [folder / "ratings.csv"],
            Dialect(),
            {"userId": "id", "movieId": "id", "timestamp": "time", "rating": "number"},
            event_time="timestamp",
        )
        films = read_films(folder / "movies.csv", Dialect(), key="movieId")
        log = log.rename({"userId": "user_id", "movieId": "item_id"})
        return index_entities(log, None, films, self.columns, impressions=self.impressions)
