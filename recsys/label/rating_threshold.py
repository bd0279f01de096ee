"""A high rating is a positive, a low one a negative."""

from typing import final

import polars as pl

from recsys.label import Label
from recsys.ops.labels import labelled
from recsys.types import Events, Need


@final
class RatingThreshold(Label):
    """1 where the rating is at least the threshold, 0 below; rows without a rating are refused by the source.

    Args:
        threshold: on the source's own scale.
        column: the feedback column that holds the rating.
    """

    gives = frozenset({"label.negatives"})

    def __init__(self, *, threshold: float = 4.0, column: str = "rating") -> None:
        self.threshold, self.column = threshold, column
        self.needs = (Need(f"data.{column}", "it compares the rating with a threshold"),)

    def apply(self, events: Events) -> Events:
        """Label every row."""
        hint = f"label.threshold={self.threshold}: lower it"
        return labelled(events, pl.col(self.column) >= self.threshold, hint)
