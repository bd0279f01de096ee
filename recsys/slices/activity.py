"""Users by how much they did."""

from collections.abc import Mapping, Sequence
from typing import final

from recsys.ops import binning
from recsys.slices import Slicer
from recsys.types import Attribute, Facts, Groups, HoldoutRows, PositiveInt


@final
class Activity(Slicer):
    """Users by their number of positive training rows: quantiles, users without any by themselves (`0`).

    Users of equal number are never parted, so that there can be fewer groups than asked for.

    Args:
        bins: groups of about the same number of users, beside `0`.
    """

    def __init__(self, *, bins: PositiveInt = 4) -> None:
        self.bins = bins

    def groups(self, facts: Facts, rows: HoldoutRows, attributes: Mapping[str, Attribute]) -> Sequence[Groups]:
        """One way, `user_activity`; the names are ranges of rows."""
        of, names = binning.of_counts(facts.counts.users, self.bins)
        return [Groups("user_activity", "user", of, names)]
