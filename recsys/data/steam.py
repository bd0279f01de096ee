"""Steam: games bought, and hours played."""

from pathlib import Path
from typing import final

import polars as pl

from recsys.data import Source
from recsys.ops.folders import ByHand
from recsys.ops.frames import read_frame
from recsys.ops.indexing import index_entities
from recsys.ops.lines import Dialect
from recsys.types import Columns, ColumnType, Events, UserError

BOUGHT, PLAYED, GAMES = "game_purchase.dat", "game_play.dat", "item_info.dat"
FOLDER = ByHand(
    "steam",
    (BOUGHT, PLAYED, GAMES),
    "made by Arthur Fortes of kaggle.com/tamber/steam-video-games",
)
TABS = Dialect("\t", quoted=False)
IDS = {"User_ID": "user_id", "Game_ID": "item_id"}
PAIR = ["user_id", "item_id", "copy"]


@final
class Steam(Source):
    """129,511 games that 12,393 users bought, of 5,155, and the hours that they played 70,489 of them.

    Collected by Tamber; the files are Arthur Fortes's. Read from `steam/` in the data home. A row is a
    purchase, in the file's order; `hours` is 0 and `played` false where no play is recorded. 707 purchases name
    a game that the same user has bought before: their plays are matched in the files' order. There is no time.
    """

    @property
    def columns(self) -> Columns:
        """What the files hold; `hours` are all that the user ever played."""
        return Columns(
            user={"user_id": "id"},
            item={"item_id": "id", "title": "text"},
            feedback={"played": "flag", "hours": "number"},
        )

    def fingerprint(self) -> str:
        """Of the files."""
        return FOLDER.fingerprint()

    def load(self) -> Events:
        """Read purchases, plays and titles."""
        folder = FOLDER.path()
        bought = _pairs(folder / BOUGHT, {})
        played = _pairs(folder / PLAYED, {"Hours": "number"}).rename({"Hours": "hours"})
        _refuse_unbought(folder, played.join(bought, on=PAIR, how="anti"))
        log = bought.join(played, on=PAIR, how="left", maintain_order="left").with_columns(
            pl.col("hours").is_not_null().alias("played"), pl.col("hours").fill_null(0.0)
        )
        games = read_frame([folder / GAMES], TABS, {"Game_ID": "id", "Game Name": "text"}, key="Game_ID")
        games = games.rename({"Game_ID": "item_id", "Game Name": "title"})
        return index_entities(log, None, games, self.columns, impressions=False)


def _pairs(file: Path, more: dict[str, ColumnType]) -> pl.DataFrame:
    """Ids and what else is asked for; `copy` counts how often the pair has stood before."""
    frame = read_frame([file], TABS, {"User_ID": "id", "Game_ID": "id", **more}).rename(IDS)
    return frame.with_columns(pl.int_range(pl.len()).over("user_id", "item_id").alias("copy"))


def _refuse_unbought(folder: Path, plays: pl.DataFrame) -> None:
    if len(plays):
        user, item = plays.select("user_id", "item_id").row(0)
        raise UserError(
            f"{folder / PLAYED}: user {user} plays game {item} more often than she buys it in {BOUGHT}; are "
            "both files of one release?"
        )
