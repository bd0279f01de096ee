"""Gowalla, as LightGCN split it."""

from typing import ClassVar, final

from recsys.data import Source
from recsys.ops.folders import ByHand
from recsys.ops.lists import COLUMNS, read_parts
from recsys.types import Columns, Events

FOLDER = ByHand(
    "gowalla",
    ("train.txt", "test.txt"),
    "in Data/gowalla of github.com/kuandeng/LightGCN",
)


@final
class Gowalla(Source):
    """Places that 29,858 users checked in at, of 40,981: 810,128 rows of train and 217,242 of test.

    Cho, Myers and Leskovec 2011, "Friendship and Mobility"; the 10-core and the split are those of He et al.
    2020, "LightGCN", Table 2: at random, by user, without a validation part. Read from `gowalla/` in the data
    home. Nothing is known but numbers: no time, no feedback, and each pair stands once.
    """

    parted: ClassVar[bool] = True

    @property
    def columns(self) -> Columns:
        """The ids alone, which are LightGCN's numbers (`remap_id`)."""
        return COLUMNS

    def fingerprint(self) -> str:
        """Of the files."""
        return FOLDER.fingerprint()

    def load(self) -> Events:
        """Read both parts."""
        train, test = (FOLDER.path() / file for file in FOLDER.files)
        return read_parts(train, test)
