"""Whatever happened is a positive."""

from typing import final

import polars as pl

from recsys.label import Label
from recsys.ops.labels import labelled
from recsys.types import Events, UserError


@final
class AllPositive(Label):
    """1 for every row: the user took the item up, whatever she thought of it afterwards."""

    def apply(self, events: Events) -> Events:
        """Label every row.

        Raises:
            UserError: the rows are impressions, which nobody may have taken up; or there is none.
        """
        if events.impressions:
            raise UserError("label=all_positive: the rows are impressions; choose label=click")
        every = pl.repeat(value=True, n=len(events.log), eager=True)
        return labelled(events, every, "label=all_positive: no row is positive, the log has none")
