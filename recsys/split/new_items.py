"""Some items are met for the first time when the model is measured."""

from typing import Literal, final

import polars as pl

from recsys.ops.splits import (
    DROPPED,
    TEST,
    TRAIN,
    VALID,
    check_shares,
    cut,
    draw_entities,
    shown,
    starts,
)
from recsys.split import Splitter
from recsys.types import Events, Fraction, Need, Promise, Split


@final
class NewItems(Splitter):
    """Some items are held out whole: no row of theirs is in train, so they are recommended by attributes alone.

    By `random` all rows of an item are in one part, whatever their time. By `time` the items that appear last
    are held out: train is the rows before the first of them appears; valid the rows of the items that appear
    from then on, up to the moment when the first test item appears; test all rows of those that appear from
    that moment on. Rows of older items after train, and of valid items after valid, are in no part. Items that
    appear within one second are never parted.

    Args:
        valid: share of the items that have a row.
        test: share of the items that have a row.
        by: which items are held out: drawn at random, or the last to appear.
        seed: of the drawing.
    """

    def __init__(
        self,
        *,
        valid: Fraction = 0.1,
        test: Fraction = 0.1,
        by: Literal["random", "time"] = "random",
        seed: int = 42,
    ) -> None:
        check_shares(valid, test)
        self.valid, self.test, self.by, self.seed = valid, test, by, seed
        if by == "time":
            self.needs = (Need("data.time", "split.by=time holds out the items that appear last"),)
        promises: set[Promise] = {"new_items", "time"} if by == "time" else {"new_items"}
        self.promises = frozenset(promises)

    def split(self, events: Events) -> Split:
        """Mark all rows of an item by when it appears, or by a draw."""
        if self.by == "time":
            return self._by_time(events)
        part, valid, test = draw_entities(events.log["item"], self.valid, self.test, self.seed)
        notes = [f"{valid:,} validation and {test:,} test items, drawn at random, have no row in train"]
        if "time" in events.log.columns:
            notes.append("items at random: later events of others are learnt from to foretell earlier ones")
        return cut(events, part, notes)

    def _by_time(self, events: Events) -> Split:
        appears = events.log.group_by("item").agg(first=pl.col("time").min())["first"]
        one, two = starts(appears, self.valid, self.test)
        time, first = pl.col("time"), pl.col("time").min().over("item")
        part = (
            pl.when(first >= two)
            .then(TEST)
            .when((first >= one) & (time < two))
            .then(VALID)
            .when((first < one) & (time < one))
            .then(TRAIN)
            .otherwise(DROPPED)
        )
        marks = events.log.select(part=part)["part"]
        valid, test = int(((appears >= one) & (appears < two)).sum()), int((appears >= two).sum())
        notes = [
            f"valid is {valid:,} items that appear from {shown(one)} on, test {test:,} from {shown(two)} on",
            f"{int((marks == DROPPED).sum()):,} rows of items that are older than their part are in no part",
        ]
        return cut(events, marks, notes)
