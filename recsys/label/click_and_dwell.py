"""A click is a positive only where the user stayed."""

from typing import final

import polars as pl

from recsys.label import Label
from recsys.ops.labels import labelled
from recsys.types import Events, Need, NonNegative


@final
class ClickAndDwell(Label):
    """1 where the impression was clicked and the user stayed at least so long, else 0.

    Args:
        seconds: the shortest stay that counts.
        click: the feedback column that holds the click.
        dwell: the feedback column that holds the stay in seconds; a missing stay counts as 0.
    """

    gives = frozenset({"label.negatives"})

    def __init__(
        self, *, seconds: NonNegative = 10.0, click: str = "click", dwell: str = "dwell_seconds"
    ) -> None:
        self.seconds, self.click, self.dwell = seconds, click, dwell
        self.needs = (
            Need(f"data.{click}", "it takes clicks as positives"),
            Need(f"data.{dwell}", "it asks how long the user stayed"),
        )

    def apply(self, events: Events) -> Events:
        """Label every row."""
        stayed = pl.col(self.dwell).fill_null(0.0) >= self.seconds
        hint = f"label.seconds={self.seconds}: lower it"
        return labelled(events, pl.col(self.click).cast(pl.Boolean) & stayed, hint)
