"""Metrics of the best k items of the whole catalogue."""

from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor

from recsys.metrics import Metrics
from recsys.ops import ranking_formulas as formulas
from recsys.types import Measurement, PositiveInt, Ranking, UserError

BLOCK = 2048
"""Queries measured at once: what is computed between stays in the caches."""


@final
class RankingMetrics(Metrics[Ranking]):
    """Recall, precision, hit rate, NDCG, MAP and MRR at several depths: means over users with a relevant item.

    With rel_p = 1 where position p is relevant, and R relevant items of the user among the candidates:

    - recall@k = sum_{p<=k} rel_p / R
    - precision@k = sum_{p<=k} rel_p / k
    - hit_rate@k = 1 where sum_{p<=k} rel_p > 0
    - ndcg@k = sum_{p<=k} rel_p / log2(p + 1), divided by the same of min(k, R) relevant items at the top
    - map@k = sum_{p<=k} rel_p precision@p / R
    - mrr@k = 1 / first relevant p <= k, else 0

    Equal scores are in random order, and each metric is its exact expected value. A list shorter than k has
    no hits beyond its end.

    Args:
        ks: the depths.
    """

    reads = Ranking

    def __init__(self, *, ks: Sequence[PositiveInt] = (5, 10, 20)) -> None:
        if not ks:
            raise UserError("metrics.ranking.ks: at least one depth, for example [10]")
        self.ks = tuple(sorted(set(ks)))

    @property
    def names(self) -> list[str]:
        """By metric, then by depth."""
        metrics = ("recall", "precision", "hit_rate", "ndcg", "map", "mrr")
        return [f"{metric}@{k}" for metric in metrics for k in self.ks]

    @property
    def depth(self) -> int:
        """The largest k."""
        return self.ks[-1]

    def higher_is_better(self, name: str) -> bool:
        """Always."""
        return True

    def measure(self, noun: Ranking) -> Measurement:
        """All metrics at all depths, for each user and as their means.

        Raises:
            UserError: no user has a relevant item.
        """
        if not bool((noun.relevant > 0).any()):
            raise UserError(
                "metrics.ranking: no held-out positive is left to be found; hold out more with split.test"
            )
        columns = (noun.tie_size, noun.tie_relevant, noun.tie_offset, noun.relevant)
        blocks = [self._block(*block) for block in zip(*(t.split(BLOCK) for t in columns), strict=True)]
        per_user = {name: torch.cat([block[name] for block in blocks]) for name in self.names}
        values = {name: float(per_user[name].mean()) for name in self.names}
        return Measurement(values, per_user, noun.user)

    def _block(self, size: Tensor, tied: Tensor, offset: Tensor, relevant: Tensor) -> dict[str, Tensor]:
        """Each metric at each depth, `[Q]`."""
        depths = self._depths(size.double(), tied.double(), offset.double(), relevant)
        last = size.shape[1] - 1
        return {
            f"{metric}@{k}": values[:, min(k - 1, last)] / (k if metric == "precision" else 1)
            for metric, values in depths.items()
            for k in self.ks
        }

    def _depths(self, size: Tensor, tied: Tensor, offset: Tensor, wanted: Tensor) -> dict[str, Tensor]:
        """Each metric at every depth, `[Q, K]`; precision not yet divided by k."""
        relevant = wanted.double()[:, None]
        hit = formulas.hits(size, tied)
        before, hazard = formulas.none_before(size, tied, offset)
        ideal = formulas.ideal_gain(wanted, size.shape[1])
        return {
            "recall": hit.cumsum(1) / relevant,
            "precision": hit.cumsum(1),
            "hit_rate": formulas.hit_rate(before, hazard),
            "ndcg": formulas.discounted_gain(hit) / ideal,
            "map": formulas.precision_sum(size, tied, offset) / relevant,
            "mrr": formulas.reciprocal_rank(before, hazard),
        }
