"""Rows at random."""

from typing import Literal, final

import numpy as np
import polars as pl

from recsys.ops.splits import TEST, TRAIN, VALID, cut
from recsys.split import Splitter
from recsys.types import Events, Fraction, Split, UserError


@final
class Random(Splitter):
    """Rows at random, whatever their time: for comparison with published numbers, since it leaks the future.

    With `by`, the shares hold within each user or item: of n rows round(n * test) are test and
    round(n * (valid + test)) minus that are valid.

    Args:
        valid: share of rows; above 0.
        test: share of rows.
        by: draw from all rows, or from each user's, or from each item's.
        seed: of the drawing.
    """

    def __init__(
        self,
        *,
        valid: Fraction = 0.1,
        test: Fraction = 0.1,
        by: Literal["all", "user", "item"] = "all",
        seed: int = 42,
    ) -> None:
        if valid + test >= 1 or not test:
            raise UserError(f"split.valid={valid}, split.test={test}: test above 0, and their sum below 1")
        self.valid, self.test, self.by, self.seed = valid, test, by, seed

    def split(self, events: Events) -> Split:
        """Give each row a random place within its group, and cut by it."""
        draw = np.random.default_rng(self.seed).permutation(len(events.log))
        group = pl.lit(0) if self.by == "all" else pl.col(self.by)
        frame = events.log.select("user", "item", draw=pl.Series(draw)).with_columns(group=group)
        place = pl.col("draw").rank("ordinal").over("group").cast(pl.Float64)
        size = pl.len().over("group").cast(pl.Float64)
        test, held = (size * self.test).round(), (size * (self.valid + self.test)).round()
        part = pl.when(place <= test).then(TEST).when(place <= held).then(VALID).otherwise(TRAIN)
        notes = ["rows at random: later events are learnt from to foretell earlier ones"]
        return cut(events, frame.select(part.alias("part"))["part"], notes, valid=self.valid > 0)
