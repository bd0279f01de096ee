"""Yelp 2018, as LightGCN split it."""

from typing import ClassVar, final

from recsys.data import Source
from recsys.ops.folders import ByHand
from recsys.ops.lists import COLUMNS, read_parts
from recsys.types import Columns, Events

FOLDER = ByHand(
    "yelp2018",
    ("train.txt", "test.txt"),
    "in Data/yelp2018 of github.com/kuandeng/LightGCN",
)


@final
class Yelp2018(Source):
    """Businesses that 31,668 users reviewed, of 38,048: 1,237,259 rows of train and 324,147 of test.

    From the Yelp Challenge of 2018; the 10-core and the split are those of He et al. 2020, "LightGCN", Table 2:
    at random, by user, without a validation part. Read from `yelp2018/` in the data home. Nothing is known but
    numbers: no time, no feedback, and each pair stands once.
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
