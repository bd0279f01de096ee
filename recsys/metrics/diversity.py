"""How unlike each other the items of a list are."""

from collections.abc import Sequence
from typing import Literal, final

import torch
from torch import Tensor

from recsys.metrics import ListMetrics
from recsys.ops import attributes, csr, listing, similarity
from recsys.types import Attribute, Csr, Facts, Need, Observed, PositiveInt, Ranking, UserError

By = Literal["audience", "embedding", "category"]


@final
class Diversity(ListMetrics[Ranking]):
    """Mean distance of two items of the same list.

    diversity_<by>@k = mean over pairs i, j among the first k of 1 - s(i, j), then over users. It is one minus
    the mean of what Ziegler et al. 2005, "Improving Recommendation Lists Through Topic Diversification", sum
    up as intra-list similarity (Zhang & Hurley 2008 take the mean). With U_i the users that took up item i in
    training, v_i the model's vector, and C_i the item's categories, s is

    - audience: |U_i ∩ U_j| / sqrt(|U_i| |U_j|), the cosine of the two sets; the same for every model
    - embedding: v_i · v_j / (|v_i| |v_j|), as the model itself sees it, so not to be compared across models
    - category: |C_i ∩ C_j| / |C_i ∪ C_j| (Jaccard)

    and 0 where a set or vector is empty. A list of fewer than two items has no pair and gets 0.

    Args:
        ks: the depths, 2 or more.
        by: one or several likenesses.
        category: item column of type categories or category; None takes the first.
    """

    reads = Ranking

    def __init__(
        self,
        *,
        ks: Sequence[PositiveInt] = (10,),
        by: Sequence[By] = ("audience",),
        category: str | None = None,
    ) -> None:
        if not by:
            raise UserError("metrics.diversity.by=[]: at least one of audience, embedding, category")
        self.ks = listing.depths("metrics.diversity.ks", ks, least=2)
        self.by = tuple(dict.fromkeys(by))
        self.category = category
        if "embedding" in by:
            self.needs = (Need("model.towers", "metrics.diversity.by names embedding"),)

    @property
    def names(self) -> list[str]:
        """By likeness, then by depth."""
        return [f"diversity_{by}@{k}" for by in self.by for k in self.ks]

    @property
    def depth(self) -> int:
        """The largest k."""
        return self.ks[-1]

    def higher_is_better(self, name: str) -> bool:
        """By convention; lists drawn at random are the most diverse."""
        return True

    def observe(self, lists: Ranking, facts: Facts) -> Observed:
        """The mean distance within each list.

        Raises:
            UserError: the model has no vectors, or the items no such category, and `by` asks for them.
        """
        pairs = similarity.pairs_of(listing.shown(lists), self.ks)
        per_user: dict[str, Tensor] = {}
        for by in self.by:
            alike = self._sums(by, lists, facts) / pairs.clamp_min(1)
            distance = torch.where(pairs > 0, 1 - alike, 0)
            per_user |= {f"diversity_{by}@{k}": distance[:, place] for place, k in enumerate(self.ks)}
        return Observed(lists.user, per_user)

    def _sums(self, by: By, ranking: Ranking, facts: Facts) -> Tensor:
        """The sum of likenesses over the pairs of each list at each depth, `[Q, len(ks)]`."""
        items, shown = ranking.items, listing.shown(ranking)
        if by == "audience":
            return similarity.audience_sums(items, shown, facts.graph, self.ks)
        if by == "embedding":
            if facts.vectors is None:
                raise UserError(
                    "metrics.diversity.by: embedding needs a model with a vector for each item, for example "
                    "model=two_tower; or leave embedding out"
                )
            return similarity.vector_sums(items, shown, facts.vectors, self.ks)
        types = ("categories", "category")
        column = attributes.choose("metrics.diversity.category", self.category, facts.items, "item", types)
        return similarity.category_sums(items, shown, _sets(column), len(column.names), self.ks)


def _sets(column: Attribute) -> Csr:
    """The categories of each item; none where its value is missing."""
    if isinstance(column.values, Csr):
        return column.values
    known = (column.values >= 0).nonzero().squeeze(1)
    return csr.from_pairs(known, column.values[known], len(column.values))
