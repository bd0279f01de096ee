"""Who is whose friend on Last.fm, as events between users."""

from typing import ClassVar, final

import polars as pl

from recsys.data import Source
from recsys.ops.folders import ByHand
from recsys.ops.frames import read_frame
from recsys.ops.indexing import index_entities
from recsys.ops.lines import Dialect
from recsys.types import Columns, Events

PLAYED = ("data1.txt", "test1.txt")
LINKS = "trustnetwork.txt"
FOLDER = ByHand("lastfm", (*PLAYED, LINKS), "in data/lastfm of github.com/gusye1234/LightGCN-PyTorch")
COUNTED = Dialect("\t", ("user_id", "artist", "plays"), quoted=False)
LINKED = Dialect("\t", ("user_id", "friend_id"), quoted=False)


@final
class LastFmFriends(Source):
    """The 12,717 friendships of 1,892 users, each an event of either with the other; items are users.

    Cantador, Brusilovsky and Kuflik 2011, "HetRec 2011"; the files of data=lastfm. Users and items are the same
    people in the same order, both with the artists that they play. There is no time.
    """

    links: ClassVar[bool] = True

    @property
    def columns(self) -> Columns:
        """What the files hold."""
        return Columns(
            user={"user_id": "id", "artists": "categories"},
            item={"friend_id": "id", "artists": "categories"},
        )

    def fingerprint(self) -> str:
        """Of the files."""
        return FOLDER.fingerprint()

    def load(self) -> Events:
        """Read the links, and who plays what."""
        folder = FOLDER.path()
        found = read_frame([folder / LINKS], LINKED, {"user_id": "id", "friend_id": "id"})
        back = found.select(user_id="friend_id", friend_id="user_id")
        log = pl.concat([found, back]).unique(maintain_order=True)
        files = [folder / name for name in PLAYED]
        played = read_frame(files, COUNTED, {"user_id": "id", "artist": "id", "plays": "number"})
        artists = played.group_by("user_id", maintain_order=True).agg(
            pl.col("artist").cast(pl.String).alias("artists")
        )
        everyone = pl.concat([log["user_id"], played["user_id"]]).unique().sort().to_frame()
        users = everyone.join(artists, on="user_id", how="left", maintain_order="left")
        users = users.with_columns(pl.col("artists").fill_null([]))
        items = users.rename({"user_id": "friend_id"})
        return index_entities(log, users, items, self.columns, impressions=False)
