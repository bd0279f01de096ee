"""A click is a positive, an impression without one a negative."""

from typing import final

import polars as pl

from recsys.label import Label
from recsys.ops.labels import labelled
from recsys.types import Events, Need


@final
class Click(Label):
    """1 where the impression was clicked, else 0.

    Args:
        column: the feedback column that holds the click.
    """

    gives = frozenset({"label.negatives"})

    def __init__(self, *, column: str = "click") -> None:
        self.column = column
        self.needs = (Need(f"data.{column}", "it takes clicks as positives"),)

    def apply(self, events: Events) -> Events:
        """Label every row."""
        return labelled(events, pl.col(self.column).cast(pl.Boolean), f"column {self.column!r} has no click")
