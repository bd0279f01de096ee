"""MovieLens 10M."""

from typing import final

from recsys.data import Source
from recsys.ops.folders import Downloaded
from recsys.ops.movielens import DAT, columns, read_release
from recsys.types import Columns, Events


@final
class MovieLens10M(Source):
    """10,000,054 ratings, in halves of a star, of 10,681 films by 69,878 users, 1995-2009.

    Harper and Konstan 2015, "The MovieLens Datasets: History and Context". Read from `ml-10m/` in the data
    home, downloaded into it where it is not there. Nothing is known of the users but their ids.

    Args:
        url: of the publisher's archive.
        md5: of the archive.
    """

    def __init__(
        self,
        *,
        url: str = "https://files.grouplens.org/datasets/movielens/ml-10m.zip",
        md5: str = "ce571fd55effeba0271552578f2648bd",
    ) -> None:
        self.folder = Downloaded("ml-10m", DAT.files, url, md5)

    @property
    def columns(self) -> Columns:
        """What the files hold; `year` is of the film's release, from its title."""
        return columns()

    def fingerprint(self) -> str:
        """Of the files, which are downloaded first."""
        return self.folder.fingerprint()

    def load(self) -> Events:
        """Read the files."""
        return read_release(self.folder.path(), DAT, self.columns)
