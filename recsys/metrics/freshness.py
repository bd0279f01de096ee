"""How new what is shown is."""

from collections.abc import Sequence
from typing import final

import torch

from recsys.metrics import ListMetrics
from recsys.ops import attributes, listing
from recsys.types import Facts, Measurement, Need, Observed, PositiveInt, Ranking, UserError

DAY = 86_400
"""Seconds."""


@final
class Freshness(ListMetrics[Ranking]):
    """Age of the items shown, and the share of them that nobody took up in training.

    - age_days@k = mean over the first k of (last second of training - the item's time) / 86400, then over
      users: the opposite of recency (Chakraborty et al. 2017, "Optimizing the Recency-Relevancy Trade-off in
      Online News Recommendations"). An item from after training has a negative age. Items without a time are
      left out of the mean; a user who is shown no other is left out too, her own value being NaN
    - new_items@k = share of the first k without a positive training row (item cold start), then the mean over
      users

    Args:
        ks: the depths.
        column: item column of type time, the item's beginning; None takes the first.
    """

    needs = (Need("data.time", "it counts an item's age to the end of training"),)
    reads = Ranking

    def __init__(self, *, ks: Sequence[PositiveInt] = (10,), column: str | None = None) -> None:
        self.ks = listing.depths("metrics.freshness.ks", ks)
        self.column = column

    @property
    def names(self) -> list[str]:
        """By metric, then by depth."""
        return [f"{metric}@{k}" for metric in ("age_days", "new_items") for k in self.ks]

    @property
    def depth(self) -> int:
        """The largest k."""
        return self.ks[-1]

    def higher_is_better(self, name: str) -> bool:
        """New is better by convention: a lower age, a higher share of new items."""
        return name.startswith("new_items")

    def observe(self, lists: Ranking, facts: Facts) -> Observed:
        """Both means of each list.

        Raises:
            UserError: the items have no such column, or the events no time.
        """
        column = attributes.choose("metrics.freshness.column", self.column, facts.items, "item", ("time",))
        if facts.cutoff is None:
            raise UserError("metrics.freshness: needs a time for each event; leave metrics.freshness out")
        age = ((facts.cutoff - attributes.column(column)) / DAY)[lists.items]
        new = (facts.counts.items == 0)[lists.items]
        shown = listing.shown(lists)
        per_user = {f"age_days@{k}": listing.mean(age, shown & ~age.isnan(), k, torch.nan) for k in self.ks}
        per_user |= {f"new_items@{k}": listing.mean(new, shown, k) for k in self.ks}
        return Observed(lists.user, per_user)

    def conclude(self, observed: Observed, facts: Facts) -> Measurement:
        """Means over the users that have a value; NaN where none has."""
        values = {name: float(observed.per_user[name].nanmean()) for name in self.names}
        return Measurement(values, observed.per_user, observed.user)
