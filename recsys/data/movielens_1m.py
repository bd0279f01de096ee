"""MovieLens 1M."""

from typing import final

from recsys.data import Source
from recsys.ops.folders import Downloaded
from recsys.ops.frames import read_frame
from recsys.ops.lines import Dialect
from recsys.ops.movielens import LATIN_DAT, columns, read_release
from recsys.types import Columns, ColumnType, Events

USER: dict[str, ColumnType] = {
    "user_id": "id",
    "gender": "category",
    "age": "category",
    "occupation": "category",
    "zip": "category",
}


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
        self.folder = Downloaded("ml-1m", (*LATIN_DAT.files, "users.dat"), url, md5)

    @property
    def columns(self) -> Columns:
        """What the files hold; `year` is of the film's release, from its title."""
        return columns(USER)

    def fingerprint(self) -> str:
        """Of the files, which are downloaded first."""
        return self.folder.fingerprint()

    def load(self) -> Events:
        """Read the files."""
        folder = self.folder.path()
        dialect = Dialect("::", tuple(USER), quoted=False)
        users = read_frame([folder / "users.dat"], dialect, USER, key="user_id")
        return read_release(folder, LATIN_DAT, self.columns, users)
