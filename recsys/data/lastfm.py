"""Last.fm listening counts with a social graph."""

from pathlib import Path
from typing import ClassVar, final

import polars as pl

from recsys.data import Source
from recsys.ops.folders import ByHand
from recsys.ops.frames import read_frame
from recsys.ops.indexing import index_entities
from recsys.ops.lines import Dialect
from recsys.ops.splits import TEST, TRAIN
from recsys.types import Columns, Events

PARTS = {"data1.txt": TRAIN, "test1.txt": TEST}
LINKS = "trustnetwork.txt"
FOLDER = ByHand("lastfm", (*PARTS, LINKS), "in data/lastfm of github.com/gusye1234/LightGCN-PyTorch")
COUNTED = Dialect("\t", ("user_id", "item_id", "plays"), quoted=False)
LINKED = Dialect("\t", ("user_id", "friend"), quoted=False)


@final
class LastFm(Source):
    """How often 1,880 users played 4,489 artists, 52,668 pairs, and who is whose friend, 25,434 links.

    Cantador, Brusilovsky and Kuflik 2011, "HetRec 2011", in the reduced form that LightGCN's authors publish
    with a split of 42,135 rows of train and 10,533 of test. Read from `lastfm/` in the data home. A friendship
    is two links; twelve more users are known by their friends alone. There is no time.
    """

    parted: ClassVar[bool] = True

    @property
    def columns(self) -> Columns:
        """What the files hold; `friends` are ids of users."""
        return Columns(
            user={"user_id": "id", "friends": "categories"},
            item={"item_id": "id"},
            feedback={"plays": "number"},
        )

    def fingerprint(self) -> str:
        """Of the files."""
        return FOLDER.fingerprint()

    def load(self) -> Events:
        """Read both parts and the links."""
        folder = FOLDER.path()
        log = pl.concat([_part(folder / file, mark) for file, mark in PARTS.items()])
        users = _users(log, folder / LINKS)
        items = log.select(pl.col("item_id").unique().sort())
        return index_entities(log, users, items, self.columns, impressions=False, parted=True)


def _part(file: Path, mark: int) -> pl.DataFrame:
    counts = read_frame([file], COUNTED, {"user_id": "id", "item_id": "id", "plays": "number"})
    return counts.with_columns(pl.lit(mark, pl.Int8).alias("part"))


def _users(log: pl.DataFrame, file: Path) -> pl.DataFrame:
    """Who plays or is linked, by id; who has no friends has an empty list."""
    links = read_frame([file], LINKED, {"user_id": "id", "friend": "id"})
    everyone = pl.concat([log["user_id"], links["user_id"], links["friend"].alias("user_id")]).unique().sort()
    friends = links.group_by("user_id", maintain_order=True).agg(
        pl.col("friend").cast(pl.String).alias("friends")
    )
    joined = everyone.to_frame().join(friends, on="user_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col("friends").fill_null([]))
