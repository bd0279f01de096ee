"""MovieLens latest-small."""

from typing import final

from recsys.data import Source
from recsys.ops.folders import Downloaded
from recsys.ops.movielens import CSV, columns, read_release
from recsys.types import Columns, Events


@final
class MovieLensLatestSmall(Source):
    """About 100,000 recent ratings of some 9,000 films; the publisher replaces the archive from time to time.

    Harper and Konstan 2015, "The MovieLens Datasets: History and Context". Read from `ml-latest-small/` in
    the data home, downloaded into it where it is not there. Nothing is known of the users but their ids.

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
        self.folder = Downloaded("ml-latest-small", CSV.files, url, md5)

    @property
    def columns(self) -> Columns:
        """What the files hold; `year` is of the film's release, from its title."""
        return columns()

    def fingerprint(self) -> str:
        """Of the files, which are downloaded first."""
        return self.folder.fingerprint()

    def load(self) -> Events:
        """Read the files."""
        return read_release(self.folder.path(), CSV, self.columns)
