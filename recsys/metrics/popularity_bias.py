"""How popular what is shown is."""

from collections.abc import Sequence
from typing import final

from torch import Tensor
from torch.nn.functional import embedding_bag

from recsys.metrics import ListMetrics
from recsys.ops import csr, listing
from recsys.types import Facts, Measurement, Observed, PositiveInt, Ranking

PROFILE = "profile_popularity"


@final
class PopularityBias(ListMetrics[Ranking]):
    """Mean popularity, popularity lift and novelty.

    With pop(i) the number of positive training rows of item i, L_u the first k items shown to user u, and H_u
    the items that she took up in training:

    - avg_popularity@k = mean over users of the mean of pop over L_u ("ARP" of Yin et al. 2012, "Challenging the
      Long Tail Recommendation")
    - popularity_lift@k = GAP_r / GAP_p - 1, where GAP_r and GAP_p are means over users of the mean of pop
      over L_u and over H_u (Abdollahpouri, Mansoury, Burke & Mobasher 2019, "The Unfairness of Popularity
      Bias in Recommendation", ΔGAP with all users as one group): 0 where users get what is as popular as what
      they choose. It is a ratio of means, not a mean of ratios, so there is no value for a user; users
      without training items are left out of both means, and without any other user it is NaN
    - novelty@k = mean over users of the mean over L_u of -log2 p_i, in bits, with p_i = |U_i| / n_users the
      share of users that took up item i in training (Zhou et al. 2010, "Solving the Apparent
      Diversity-Accuracy Dilemma"; Vargas & Castells 2011). An item that nobody took up counts as taken up by
      one user, so that the value is finite and those of all other items are exact

    A mean over a list is over the items that it has; that of a list without any is 0.

    Args:
        ks: the depths.
    """

    reads = Ranking

    def __init__(self, *, ks: Sequence[PositiveInt] = (10,)) -> None:
        self.ks = listing.depths("metrics.popularity_bias.ks", ks)

    @property
    def names(self) -> list[str]:
        """By metric, then by depth."""
        metrics = ("avg_popularity", "popularity_lift", "novelty")
        return [f"{metric}@{k}" for metric in metrics for k in self.ks]

    @property
    def depth(self) -> int:
        """The largest k."""
        return self.ks[-1]

    def higher_is_better(self, name: str) -> bool:
        """Novelty by convention, popularity not; a lift near 0 serves users as they choose themselves."""
        return name.startswith("novelty")

    def observe(self, lists: Ranking, facts: Facts) -> Observed:
        """Means over each list, and over what the user took up in training (0 for nothing)."""
        shown, popularity = listing.shown(lists), facts.counts.items.double()
        users = csr.lengths(facts.graph.item_users).clamp_min(1).double()
        novelty = (users / len(facts.counts.users)).log2().neg()
        per_user = {PROFILE: _profile(popularity, lists.user, facts)}
        for k in self.ks:
            per_user[f"avg_popularity@{k}"] = listing.mean(popularity[lists.items], shown, k)
            per_user[f"novelty@{k}"] = listing.mean(novelty[lists.items], shown, k)
        return Observed(lists.user, per_user)

    def conclude(self, observed: Observed, facts: Facts) -> Measurement:
        """Means over users, and of popularity their ratio to the users' own."""
        own = observed.per_user[PROFILE]
        known = own > 0
        per_user = {name: observed.per_user[name] for name in self.names if name in observed.per_user}
        values = {name: float(mean.mean()) for name, mean in per_user.items()}
        for k in self.ks:
            listed = per_user[f"avg_popularity@{k}"][known].mean()
            values[f"popularity_lift@{k}"] = float(listed / own[known].mean() - 1)
        return Measurement({name: values[name] for name in self.names}, per_user, observed.user)


def _profile(popularity: Tensor, user: Tensor, facts: Facts) -> Tensor:
    """The mean popularity of what each user took up in training, `[Q]`; 0 for nothing."""
    history = csr.take(facts.graph.user_items, user)
    return embedding_bag(
        history.idx, popularity[:, None], offsets=history.ptr, mode="mean", include_last_offset=True
    ).squeeze(1)
