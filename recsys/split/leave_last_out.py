"""Each user's last positive is the test."""

from typing import final

import polars as pl

from recsys.ops.splits import DROPPED, TEST, TRAIN, VALID, cut
from recsys.split import Splitter
from recsys.types import Events, Need, Split


@final
class LeaveLastOut(Splitter):
    """Of each user's events in time, the last positive is test, the second last valid, what is before train.

    Events that share their second keep the order of the log. Rows labelled 0 after the valid
    row are in no part, so that training never sees what came after a held-out event of the same user; a
    user with fewer than three positives is wholly in train. Other users' later events remain in train.
    """

    needs = (Need("data.time", "it orders each user's events by time"),)

    def split(self, events: Events) -> Split:
        """Mark each row by its place among the user's positives, counted from the end."""
        log = events.log.select("user", "time", "label").with_row_index("row")
        ordered = log.sort("user", "time", "row").with_columns(positive=pl.col("label") > 0)
        later = pl.col("positive").cast(pl.Int64).cum_sum(reverse=True).over("user")
        ordered = ordered.with_columns(left=later, total=pl.col("positive").sum().over("user"))
        few = pl.col("total") < 3
        part = (
            pl.when(few | (pl.col("left") > 2) | (~pl.col("positive") & (pl.col("left") == 2)))
            .then(TRAIN)
            .when(~pl.col("positive"))
            .then(DROPPED)
            .when(pl.col("left") == 2)
            .then(VALID)
            .otherwise(TEST)
        )
        marked = ordered.with_columns(part=part)
        return cut(events, marked.sort("row")["part"], _notes(marked))


def _notes(marked: pl.DataFrame) -> list[str]:
    users = marked["user"].n_unique()
    few = marked.filter(pl.col("total") < 3)["user"].n_unique()
    tied = _tied(marked)
    notes = [f"{tied:,} of {users:,} users' last two positives share their second; they are in the log's order"]
    if few:
        notes.append(f"{few:,} users with fewer than three positives are in train alone")
    dropped = int((marked["part"] == DROPPED).sum())
    if dropped:
        notes.append(f"{dropped:,} rows labelled 0 after a user's first held-out positive are in no part")
    return notes


def _tied(marked: pl.DataFrame) -> int:
    """How many users' valid and test rows share their second."""
    held = marked.filter(pl.col("part").is_in([VALID, TEST]))
    return (
        held.group_by("user")
        .agg(pl.col("time").n_unique().alias("moments"))
        .filter(pl.col("moments") == 1)
        .height
    )
