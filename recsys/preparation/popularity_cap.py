"""No item has more than its share of what is learnt."""

from collections.abc import Sequence
from typing import ClassVar, final

import numpy as np
import polars as pl

from recsys.ops.importance import times, weight_of
from recsys.preparation import Moment, Preparation
from recsys.types import Events, NonNegativeInt, Share, UserError


@final
class PopularityCap(Preparation):
    """At most a share of the positive training rows that count are those of one item; the others get weight 0.

    Of an item with more than m positive rows m count, drawn at random, where m is the largest number that keeps
    to the share. A row of weight 0 is not learnt from, but stays known: its item is no negative of the user's
    and no candidate for her later, and metrics of popularity read the counts of before. Valid and test stay as
    they are.

    Args:
        share: the largest share of one item, at least 1 / items with a positive training row.
        seed: of the drawing.
    """

    moment: ClassVar[Moment] = "train"

    def __init__(self, *, share: Share = 0.01, seed: NonNegativeInt = 42) -> None:
        self.share, self.seed = share, seed

    def apply(self, events: Events) -> tuple[Events, Sequence[str]]:
        """Draw which rows count.

        Raises:
            UserError: the share is too small for so few items.
        """
        counts = (events.log["label"] > 0) & (weight_of(events.log) > 0)
        item = events.log["item"].to_numpy()
        most = self._most(np.bincount(item[counts.to_numpy()], minlength=len(events.items)))
        draw = np.random.default_rng(self.seed).permutation(len(item))
        frame = pl.DataFrame({"item": item, "counts": counts, "draw": draw})
        place = pl.col("draw").rank("ordinal").over("item", "counts")
        stays = frame.select(~pl.col("counts") | (place <= most)).to_series()
        note = (
            f"at most {most:,} positive training rows of an item count, {int((~stays).sum()):,} of "
            f"{int(counts.sum()):,} do not"
        )
        return times(events, stays.cast(pl.Float32)), [note]

    def _most(self, rows: np.ndarray) -> int:
        """The largest number of rows of an item, so that it has no more than its share of what is left."""
        low, high = 0, int(rows.max())
        while low < high:
            middle = (low + high + 1) // 2
            # What is left grows ever more slowly with the number, so all numbers below one that fits fit.
            fits = middle / np.minimum(rows, middle).sum() <= self.share
            low, high = (middle, high) if fits else (low, middle - 1)
        if not low:
            items = int((rows > 0).sum())
            raise UserError(
                f"preparation.popularity_cap.share={self.share:g}: {items:,} items have a positive training "
                f"row, so one has at least 1/{items}; make it larger"
            )
        return low
