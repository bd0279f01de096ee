"""Metrics of the best k candidates."""

from collections.abc import Sequence
from typing import Literal, final

import torch
from torch import Tensor

from recsys.metrics import ListMetrics
from recsys.ops import ranking_formulas as formulas
from recsys.types import Facts, Fraction, Grades, Observed, PositiveInt, Ranking, UserError

BLOCK = 2048
"""Queries measured at once: what is computed between stays in the caches."""

MOST = 64
"""The highest grade whose exponential gain is taken."""

METRICS = ("recall", "precision", "hit_rate", "ndcg", "map", "mrr", "rbp")


@final
class RankingMetrics(ListMetrics[Ranking]):
    """Recall, precision, hit rate, NDCG, MAP, MRR and RBP at several depths: means over users.

    Of users with a relevant candidate. With rel_p = 1 where position p is relevant (its label is above 0), g_p
    the gain of its grade, and R relevant items of the user among the candidates:

    - recall@k = sum_{p<=k} rel_p / R
    - precision@k = sum_{p<=k} rel_p / k
    - hit_rate@k = 1 where sum_{p<=k} rel_p > 0
    - ndcg@k = sum_{p<=k} g_p / log2(p + 1), divided by the same of the k highest grades at the top
      (Jarvelin and Kekalainen 2002; g = 2^grade - 1 is Burges et al. 2005)
    - map@k = sum_{p<=k} rel_p precision@p / R
    - mrr@k = 1 / first relevant p <= k, else 0
    - rbp@k = (1 - b) sum_{p<=k} b^(p - 1) rel_p with persistence b (Moffat and Zobel 2008, eq. 2)

    Equal scores are in random order, and each metric is its exact expected value. A list shorter than k has
    no hits beyond its end.

    Args:
        ks: the depths.
        gain: of a grade in NDCG: the grade itself, or 2^grade - 1. With grades 0 and 1 both are the same.
        persistence: the chance that a user goes on to the next position, in RBP.
    """

    reads = Ranking
    of_relevance = True

    def __init__(
        self,
        *,
        ks: Sequence[PositiveInt] = (5, 10, 20),
        gain: Literal["exponential", "linear"] = "exponential",
        persistence: Fraction = 0.8,
    ) -> None:
        if not ks:
            raise UserError("metrics.ranking.ks: at least one depth, for example [10]")
        self.ks, self.gain, self.persistence = tuple(sorted(set(ks))), gain, persistence

    @property
    def names(self) -> list[str]:
        """By metric, then by depth."""
        return [f"{metric}@{k}" for metric in METRICS for k in self.ks]

    @property
    def depth(self) -> int:
        """The largest k."""
        return self.ks[-1]

    def higher_is_better(self, name: str) -> bool:
        """Always."""
        return True

    def observe(self, lists: Ranking, facts: Facts) -> Observed:
        """All metrics at all depths, for each user with a relevant candidate."""
        asked = (lists.relevant > 0).nonzero().squeeze(1)
        blocks = [self._block(lists, at) for at in asked.split(BLOCK)]
        per_user = {name: torch.cat([block[name] for block in blocks]) for name in self.names}
        return Observed(lists.user[asked], per_user)

    def _block(self, lists: Ranking, at: Tensor) -> dict[str, Tensor]:
        """Each metric at each depth, `[Q]`."""
        depths = self._depths(lists, at)
        last = lists.items.shape[1] - 1
        return {
            f"{metric}@{k}": values[:, min(k - 1, last)] / (k if metric == "precision" else 1)
            for metric, values in depths.items()
            for k in self.ks
        }

    def _depths(self, lists: Ranking, at: Tensor) -> dict[str, Tensor]:
        """Each metric at every depth, `[Q, K]`; precision not yet divided by k."""
        columns = (lists.tie_size, lists.tie_relevant, lists.tie_offset)
        size, tied, offset = (column[at].double() for column in columns)
        wanted = lists.relevant[at]
        relevant = wanted.double()[:, None]
        hit = formulas.hits(size, tied)
        before, hazard = formulas.none_before(size, tied, offset)
        hits = hit.cumsum(1)
        return {
            "recall": hits / relevant,
            "precision": hits,
            "hit_rate": formulas.hit_rate(before, hazard),
            "ndcg": self._ndcg(hit, size, wanted, lists.grades, at),
            "map": formulas.precision_sum(size, tied, offset) / relevant,
            "mrr": formulas.reciprocal_rank(before, hazard),
            "rbp": formulas.persistence_sum(hit, self.persistence),
        }

    def _ndcg(self, hit: Tensor, size: Tensor, wanted: Tensor, grades: Grades | None, at: Tensor) -> Tensor:
        if grades is None:
            return formulas.discounted_gain(hit) / formulas.ideal_gain(wanted, hit.shape[1])
        best = grades.best[at]
        if self.gain == "exponential" and best.numel() and float(best.max()) > MOST:
            raise UserError(
                f"metrics.ranking.gain=exponential: a label of {float(best.max()):g} is no grade, 2^label "
                "overflows; choose metrics.ranking.gain=linear"
            )
        sums, ideal = (grades.linear, best) if self.gain == "linear" else (grades.exponential, best.exp2() - 1)
        return formulas.discounted_gain(sums[at] / size.clamp_min(1)) / formulas.discounted_gain(ideal)
