"""Links at random, both of their directions alike."""

from typing import final

import polars as pl

from recsys.ops.splits import check_shares, cut, draw_entities
from recsys.split import Splitter
from recsys.types import Events, Fraction, Need, Split


@final
class Links(Splitter):
    """Links between users at random: what is known of one direction is in the same part as the other.

    Rows at random would leave the way back of nearly every held-out link in train, which gives it away.

    Args:
        valid: share of the linked pairs.
        test: share of the linked pairs.
        seed: of the drawing.
    """

    needs = (Need("data.links", "it keeps both directions of a link in one part"),)

    def __init__(self, *, valid: Fraction = 0.1, test: Fraction = 0.2, seed: int = 42) -> None:
        check_shares(valid, test)
        self.valid, self.test, self.seed = valid, test, seed

    def split(self, events: Events) -> Split:
        """Mark all rows of an unordered pair alike."""
        user, item = (pl.col(name).cast(pl.Int64) for name in ("user", "item"))
        lower, upper = pl.min_horizontal(user, item), pl.max_horizontal(user, item)
        pair = events.log.select(pair=lower * len(events.items) + upper)["pair"]
        part, valid, test = draw_entities(pair, self.valid, self.test, self.seed)
        notes = [f"{valid:,} validation and {test:,} test links, drawn at random, are in train in no direction"]
        return cut(events, part, notes)
