"""The publisher's own parts."""

from typing import final

import numpy as np
import polars as pl

from recsys.ops.splits import TRAIN, VALID, cut
from recsys.split import Splitter
from recsys.types import Events, Fraction, Need, Split


@final
class Given(Splitter):
    """Train, valid and test as the publisher has split them: for comparison with published numbers.

    Where the publisher has no validation part, it is drawn from each user's rows of train: of n rows
    round(n * valid), and never all.

    Args:
        valid: share of each user's rows of train, where there is no validation part; above 0.
        seed: of the drawing.
    """

    needs = (Need("data.part", "it takes the parts as they are published"),)

    def __init__(self, *, valid: Fraction = 0.1, seed: int = 42) -> None:
        self.valid, self.seed = valid, seed

    def split(self, events: Events) -> Split:
        """Cut by the column `part`."""
        part = events.log["part"]
        if (part == VALID).any():
            return cut(events, part, ["train, valid and test as published"])
        if not self.valid:
            return cut(events, part, ["train and test as published, no validation part"], valid=False)
        drawn = self._draw(events.log)
        valid, train = int((drawn == VALID).sum()), int((part == TRAIN).sum())
        notes = [
            f"train and test as published; valid is {valid:,} rows at random of the {train:,} published as "
            f"train, {self.valid:g} of each user's"
        ]
        return cut(events, drawn, notes)

    def _draw(self, log: pl.DataFrame) -> pl.Series:
        """The parts, with some of each user's rows of train as valid."""
        draw = np.random.default_rng(self.seed).permutation(len(log))
        ranked = log.select("user", "part", draw=pl.Series(draw))
        place = pl.col("draw").rank("ordinal").over("user", "part")
        size = pl.len().over("user", "part")
        held = pl.min_horizontal((size.cast(pl.Float64) * self.valid).round(), size.cast(pl.Float64) - 1)
        train = pl.col("part") == TRAIN
        return ranked.select(
            part=pl.when(train & (place <= held)).then(pl.lit(VALID, pl.Int8)).otherwise("part")
        )["part"]
