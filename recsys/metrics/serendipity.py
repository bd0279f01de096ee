"""How much of what users like is unlike what they took up before."""

from collections.abc import Sequence
from typing import final

from recsys.metrics import ListMetrics
from recsys.ops import listing, similarity
from recsys.types import Facts, Observed, PositiveInt, Ranking


@final
class Serendipity(ListMetrics[Ranking]):
    """Relevant and unexpected.

    serendipity@k = 1/k sum_{p<=k} rel_p (1 - mean_{h in H_u} cos(i_p, h)), then the mean over users

    with i_p the item at position p, rel_p = 1 where it is relevant, H_u the items that the user took up in
    training, and cos(i, h) = |U_i ∩ U_h| / sqrt(|U_i| |U_h|) the cosine of the two items' users in training.
    What is subtracted from 1 is the "unserendipity" of Zhang, Ó Séaghdha, Quercia & Jambor 2012, "Auralist:
    Introducing Serendipity into Music Recommendation": a mean over the history, not its maximum. That
    unexpected counts only where it is relevant is of Ge, Delgado-Battenfeld & Jannach 2010, "Beyond
    Accuracy".

    It is at most precision@k. To a user without training items nothing is expected: every hit counts 1. Of
    equal scores the order that is shown counts, not the expected value over orders.

    Args:
        ks: the depths.
    """

    reads = Ranking

    def __init__(self, *, ks: Sequence[PositiveInt] = (10,)) -> None:
        self.ks = listing.depths("metrics.serendipity.ks", ks)

    @property
    def names(self) -> list[str]:
        """By depth."""
        return [f"serendipity@{k}" for k in self.ks]

    @property
    def depth(self) -> int:
        """The largest k."""
        return self.ks[-1]

    def higher_is_better(self, name: str) -> bool:
        """Always."""
        return True

    def observe(self, lists: Ranking, facts: Facts) -> Observed:
        """The value of each list."""
        hit = lists.hit & listing.shown(lists)
        unexpected = 1 - similarity.closeness(lists.items, hit, lists.user, facts.graph)
        gain = (hit * unexpected).cumsum(1)
        last = gain.shape[1]
        return Observed(lists.user, {f"serendipity@{k}": gain[:, min(k, last) - 1] / k for k in self.ks})
