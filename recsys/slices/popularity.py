"""Items by how often they were taken up."""

from collections.abc import Mapping, Sequence
from typing import Literal, final

from recsys.ops import binning
from recsys.slices import Slicer
from recsys.types import Attribute, Facts, Groups, HoldoutRows, PositiveInt


@final
class Popularity(Slicer):
    """Items by their number of positive training rows: deciles, unseen items by themselves (`0`).

    Items of equal number are never parted, so that there can be fewer groups than asked for.

    Args:
        bins: groups beside `0`.
        by: the groups have about the same number of `items`, or of training `events`: then the last group is
            the few items of the head, the first the many of the tail.
    """

    def __init__(self, *, bins: PositiveInt = 10, by: Literal["items", "events"] = "items") -> None:
        self.bins, self.by = bins, by

    def groups(self, facts: Facts, rows: HoldoutRows, attributes: Mapping[str, Attribute]) -> Sequence[Groups]:
        """One way, `item_popularity`; the names are ranges of rows."""
        of, names = binning.of_counts(facts.counts.items, self.bins, weighted=self.by == "events")
        return [Groups("item_popularity", "item", of, names)]
