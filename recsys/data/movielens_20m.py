"""MovieLens 20M."""

from typing import final

from recsys.data import Source
from recsys.ops.folders import Downloaded
from recsys.ops.movielens import CSV, columns, read_release
from recsys.types import Columns, Events


@final
class MovieLens20M(Source):
    """20,000,263 ratings, in halves of a star, of 27,278 films by 138,493 users, 1995-2015.

    Harper and Konstan 2015, "The MovieLens Datasets: History and Context". Read from `ml-20m/` in the data
    home, downloaded into it where it is not there. Nothing is known of the users but their ids.

    Args:
        url: of the publisher's archive.
        md5: of the archive.
    """

    def __init__(
        self,
        *,
        url: str = "https://files.grouplens.org/datasets/movielens/ml-20m.zip",
        md5: str = "cd245b17a1ae2cc31bb14903e1204af3",
    ) -> None:
        self.folder = Downloaded("ml-20m", CSV.files, url, md5)

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
