"""Metrics of where the relevant items stand among all candidates."""

from typing import final

import torch
from torch import Tensor

from recsys.metrics import ListMetrics
from recsys.types import Facts, Observed, Placement


@final
class WholeList(ListMetrics[Placement]):
    """AUC within each user, and R-precision: means over users with a relevant item.

    With R relevant items of the user among n candidates:

    - auc = the chance that a relevant candidate scores above another one, equal scores counting one half;
      users whose every candidate is relevant have none (Rendle et al. 2009, sec. 3.1)
    - r_precision = hits among the first R / R

    Equal scores are in random order, and each metric is its exact expected value. Candidates that a model does
    not list come last, as one tie.
    """

    reads = Placement
    of_relevance = True

    @property
    def names(self) -> list[str]:
        """The two metrics."""
        return ["auc", "r_precision"]

    def higher_is_better(self, name: str) -> bool:
        """Always."""
        return True

    def observe(self, lists: Placement, facts: Facts) -> Observed:
        """Both for each user with a relevant candidate; NaN where a user has no AUC."""
        relevant = torch.bincount(lists.query, minlength=len(lists.user))
        others = (lists.candidates - relevant)[lists.query].double()
        above = (lists.above - lists.relevant_above).double()
        equal = (lists.equal - lists.equal_relevant).double()
        beaten = 1 - (above + 0.5 * equal) / others
        places = relevant[lists.query] - lists.above
        found = (places.double() / lists.equal.clamp_min(1)).clamp(0, 1)
        asked = relevant > 0
        values = {"auc": beaten, "r_precision": found}
        means = {name: _mean(value, lists.query, relevant)[asked] for name, value in values.items()}
        return Observed(lists.user[asked], means)


def _mean(values: Tensor, query: Tensor, relevant: Tensor) -> Tensor:
    """The mean over each query's relevant items, `[Q]`."""
    sums = torch.zeros(len(relevant), dtype=torch.float64, device=values.device).index_add_(0, query, values)
    return sums / relevant
