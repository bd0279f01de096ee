"""Each user's last positive is the test."""

from typing import Literal, final

import polars as pl

from recsys.ops.splits import DROPPED, TEST, TRAIN, VALID, cut
from recsys.split import Splitter
from recsys.types import Events, Need, Promise, Split

Ties = Literal["log", "item", "reversed"]

ORDERS: dict[Ties, tuple[list[pl.Expr], str]] = {
    "log": ([pl.col("row")], "the log's order"),
    "item": ([pl.col("item"), pl.col("row")], "the order of the items' table"),
    "reversed": ([-pl.col("row")], "the log's order backwards"),
}
"""How events of one second are sorted, and how that is said."""


@final
class LeaveLastOut(Splitter):
    """Of each user's events in time, the last positive is test, the second last valid, what is before train.

    Rows labelled 0 after the valid row are in no part, so that training never sees what came after a held-out
    event of the same user; a user with fewer than three positives is wholly in train. Other users' later
    events remain in train.

    Args:
        ties: the order of a user's events that share their second. `log` is that of the log; `item` that of
            the items' places in their table (the numeric id, for MovieLens), and of one item that of the log;
            `reversed` is that of the log backwards. A result that moves with it rests on the order of the file.
    """

    needs = (Need("data.time", "it orders each user's events by time"),)
    promises: frozenset[Promise] = frozenset({"user_time"})

    def __init__(self, *, ties: Ties = "log") -> None:
        self.ties: Ties = ties

    def split(self, events: Events) -> Split:
        """Mark each row by its place among the user's positives, counted from the end."""
        log = events.log.select("user", "item", "time", "label", row=pl.int_range(pl.len(), dtype=pl.Int64))
        order, said = ORDERS[self.ties]
        ordered = log.sort("user", "time", *order).with_columns(positive=pl.col("label") > 0)
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
        return cut(events, marked.sort("row")["part"], _notes(marked, said))


def _notes(marked: pl.DataFrame, order: str) -> list[str]:
    notes = _tie_notes(marked, order)
    few = marked.filter(pl.col("total") < 3)["user"].n_unique()
    if few:
        notes.append(f"{few:,} users with fewer than three positives are in train alone")
    dropped = int((marked["part"] == DROPPED).sum())
    if dropped:
        notes.append(f"{dropped:,} rows labelled 0 after a user's first held-out positive are in no part")
    return notes


def _tie_notes(marked: pl.DataFrame, order: str) -> list[str]:
    """Of how many users a boundary lies within a second, and what decided there."""
    valid, test = _moment(VALID).min(), _moment(TEST).min()
    moments = marked.group_by("user").agg(train=_moment(TRAIN).max(), valid=valid, test=test)
    tests = int((moments["valid"] == moments["test"]).sum())
    valids = int((moments["train"] == moments["valid"]).sum())
    if not tests and not valids:
        return []
    users = f"of {len(moments):,} users'"
    return [
        f"{tests:,} {users} last two positives share their second: valid and test are in {order}",
        f"{valids:,} {users} valid rows share their second with a row of train: they are in {order}",
        "recsys train -m split.ties=log,item,reversed shows how much the results move under another order",
    ]


def _moment(part: int) -> pl.Expr:
    """The moments of a user's rows in a part."""
    return pl.col("time").filter(pl.col("part") == part)
