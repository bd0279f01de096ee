"""How much of the catalogue is shown at all, and how evenly."""

from collections.abc import Sequence
from typing import final

from recsys.metrics import ListMetrics
from recsys.ops import exposure, listing
from recsys.types import Facts, Measurement, Observed, PositiveInt, Ranking


@final
class Coverage(ListMetrics[Ranking]):
    """Catalogue coverage, and the Gini index and Shannon entropy of exposure.

    With x_i the number of users who have item i among their first k, over all n items of the catalogue, those
    that nobody is shown included:

    - coverage@k = share of items with x_i > 0 (Ge, Delgado-Battenfeld & Jannach 2010, "Beyond Accuracy",
      catalogue coverage)
    - gini@k = sum_i (2 i - n - 1) x_(i) / (n sum x), with x_(1) <= … <= x_(n): 0 where all items are shown
      equally often, (n - 1) / n where one is shown alone. Shani & Gunawardana 2011, "Evaluating
      Recommendation Systems", item space coverage, divide by n - 1 in place of n
    - shannon@k = -sum_i p_i ln p_i with p_i = x_i / sum x (ibid.), in nats and not normalised: at most ln n

    They are properties of all lists together, so there is no value for a user.

    Args:
        ks: the depths.
    """

    reads = Ranking

    def __init__(self, *, ks: Sequence[PositiveInt] = (10,)) -> None:
        self.ks = listing.depths("metrics.coverage.ks", ks)

    @property
    def names(self) -> list[str]:
        """By metric, then by depth."""
        return [f"{metric}@{k}" for metric in ("coverage", "gini", "shannon") for k in self.ks]

    @property
    def depth(self) -> int:
        """The largest k."""
        return self.ks[-1]

    def higher_is_better(self, name: str) -> bool:
        """For all but the Gini index, which measures unevenness."""
        return not name.startswith("gini")

    def observe(self, lists: Ranking, facts: Facts) -> Observed:
        """How often each item is shown, `[n_items]`, at each depth."""
        shown, n_items = listing.shown(lists), len(facts.counts.items)
        totals = {f"exposure@{k}": exposure.counts(lists.items, shown, k, n_items) for k in self.ks}
        return Observed(lists.user, totals=totals)

    def conclude(self, observed: Observed, facts: Facts) -> Measurement:
        """All metrics of the summed exposure; Gini and entropy are NaN where nothing was shown."""
        values: dict[str, float] = {}
        for k in self.ks:
            counts = observed.totals[f"exposure@{k}"]
            values[f"coverage@{k}"] = float((counts > 0).double().mean())
            values[f"gini@{k}"] = exposure.gini(counts)
            values[f"shannon@{k}"] = exposure.entropy(counts)
        return Measurement({name: values[name] for name in self.names})
