"""How differently groups of users are served."""

from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor

from recsys.metrics import ListMetrics
from recsys.ops import attributes, exposure, listing
from recsys.ops import ranking_formulas as formulas
from recsys.types import Facts, Measurement, Observed, PositiveInt, Ranking


@final
class Parity(ListMetrics[Ranking]):
    """Gaps between groups of users, by a column of theirs.

    - quality_gap@k = largest minus smallest of the groups' means of ndcg@k (Li et al. 2021, "User-oriented
      Fairness in Recommendation", for two groups). Relevance is 0 or 1 here; of equal scores ndcg is its
      expected value
    - exposure_gap@k = largest total variation distance sum_i |p_i - q_i| / 2 between two groups' shares p and
      q of what is shown at the first k (statistical parity of Dwork et al. 2012, "Fairness Through
      Awareness"): 0 where both are shown the same, 1 where they are shown nothing in common. It does not fall
      to 0 by itself: groups of n users of the same taste differ by chance, the more the smaller n is, so
      compare models, not columns

    Only users with a query count, and of them only those whose value is known. Groups of fewer than
    `min_size` of them are left out, because their means are noise; where fewer than two groups remain there
    is nothing to compare, and both values are NaN. The totals hold groups times items numbers for each depth.

    Args:
        ks: the depths.
        column: user column of type category or flag; None takes the first.
        min_size: users that a group has at least.
    """

    reads = Ranking

    def __init__(
        self, *, ks: Sequence[PositiveInt] = (10,), column: str | None = None, min_size: PositiveInt = 20
    ) -> None:
        self.ks = listing.depths("metrics.parity.ks", ks)
        self.column = column
        self.min_size = min_size

    @property
    def names(self) -> list[str]:
        """By metric, then by depth."""
        return [f"{metric}@{k}" for metric in ("quality_gap", "exposure_gap") for k in self.ks]

    @property
    def depth(self) -> int:
        """The largest k."""
        return self.ks[-1]

    def higher_is_better(self, name: str) -> bool:
        """Never."""
        return False

    def observe(self, lists: Ranking, facts: Facts) -> Observed:
        """Sums of each group: users, ndcg, and how often each item is shown, `[groups, n_items]`.

        Raises:
            UserError: the users have no such column.
        """
        types = ("category", "flag")
        column = attributes.choose("metrics.parity.column", self.column, facts.users, "user", types)
        group, n_items = attributes.column(column)[lists.user], len(facts.counts.items)
        known, n_groups = group >= 0, max(len(column.names), 1)
        counted = listing.shown(lists) & known[:, None]
        cell = group[:, None] * n_items + lists.items
        group = group.clamp_min(0)
        totals = {"users": torch.bincount(group[known], minlength=n_groups)}
        for k in self.ks:
            totals[f"ndcg@{k}"] = torch.bincount(group, _ndcg(lists, k) * known, n_groups)
            shares = exposure.counts(cell, counted, k, n_groups * n_items)
            totals[f"exposure@{k}"] = shares.view(n_groups, n_items)
        return Observed(lists.user, totals=totals)

    def conclude(self, observed: Observed, facts: Facts) -> Measurement:
        """The largest gap of each kind; NaN with fewer than two groups of `min_size`."""
        users = observed.totals["users"]
        kept = users >= self.min_size
        if int(kept.sum()) < 2:
            return Measurement(dict.fromkeys(self.names, float("nan")))
        values: dict[str, float] = {}
        for k in self.ks:
            quality = observed.totals[f"ndcg@{k}"][kept] / users[kept]
            values[f"quality_gap@{k}"] = float(quality.max() - quality.min())
            values[f"exposure_gap@{k}"] = exposure.largest_distance(observed.totals[f"exposure@{k}"][kept])
        return Measurement({name: values[name] for name in self.names})


def _ndcg(ranking: Ranking, k: int) -> Tensor:
    """ndcg@k of each query, `[Q]`."""
    hit = formulas.hits(ranking.tie_size[:, :k].double(), ranking.tie_relevant[:, :k].double())
    return formulas.discounted_gain(hit)[:, -1] / formulas.ideal_gain(ranking.relevant, k)[:, -1]
