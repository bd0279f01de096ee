"""Where a user and an item stand in the graph of who took up what."""

from collections.abc import Mapping, Sequence
from typing import Literal, final

import torch
from torch import Tensor

from recsys.features import Feature, Index, fitted_on
from recsys.ops import csr, linking, rows, walks
from recsys.types import Answer, Columns, Csr, History, Share


@final
class GraphFeatures(Feature):
    """Degree and PageRank, and what a user shares with an item's audience, in the graph of the positives.

    The graph is the one that stood at the cut-off, without held-out links, whatever moment is asked for; so a
    training row's is made of rows after it too. With N(x) the neighbours of x, for user u and item i
    (Liben-Nowell and Kleinberg 2007, "The link-prediction problem for social networks"; summed over the
    audience):

        graph_common_neighbours = sum over v in N(i) - u of |N(u) & N(v) - i|
        graph_adamic_adar       = sum over v in N(i) - u of the sum over j in N(u) & N(v) - i of 1 / log |N(j)|
        graph_common_friends    = sum over v in N(i) - u of |friends(u) & friends(v)|

    The link between u and i itself is left out of these, or a positive training row would know its own label.
    It is not left out of degrees and PageRank, which are the same for all of a user's or an item's rows: there
    leaving it out would mark the positive rows as those whose degree is less by one.

    Args:
        damping: of PageRank, the share that goes on along a link.
        friends: user column of type categories, whose shared values are counted.
    """

    def __init__(self, *, damping: Share = 0.85, friends: str | None = None) -> None:
        self.damping, self.friends = damping, friends

    def columns(self, declared: Columns) -> Sequence[Answer]:
        """Two of the user, two of the item, two or three of the cross."""
        if self.friends is not None:
            linking.check_column(self.friends, declared, "features.graph.friends")
        sides: tuple[Literal["user", "item"], ...] = ("user", "item")
        nodes = [Answer(f"{side}_{what}", side) for side in sides for what in ("degree", "pagerank")]
        crosses = ["common_neighbours", "adamic_adar", *["common_friends"] * (self.friends is not None)]
        return [*nodes, *(Answer(f"graph_{what}", "cross") for what in crosses)]

    def index(self, history: History) -> Index:
        """The distinct positive training pairs from both sides, and PageRank."""
        linked = (history.label > 0) & fitted_on(history)
        user, item = history.user[linked], history.item[linked]
        # One user and one item more, without a link, for those that are unknown.
        user_items = csr.from_pairs(user, item, history.n_users + 1)
        item_users = csr.from_pairs(item, user, history.n_items + 1)
        known = Csr(user_items.ptr[:-1], user_items.idx), Csr(item_users.ptr[:-1], item_users.idx)
        ranks = walks.pagerank(*known, damping=self.damping)
        index = {"user.pagerank": ranks[0], "item.pagerank": ranks[1]}
        index |= csr.store("user", user_items) | csr.store("item", item_users)
        return index if self.friends is None else {**index, **csr.store("friends", self._friends(history))}

    def answer(
        self,
        index: Index,
        side: Literal["user", "item", "cross"],
        user: Tensor | None,
        item: Tensor | None,
        time: Tensor,
    ) -> Mapping[str, Tensor]:
        """Degree and PageRank of one side, or what the two share."""
        if side == "cross" and user is not None and item is not None:
            return self._shared(index, _known(index, "user", user), _known(index, "item", item))
        place = user if side == "user" else item
        if place is None:
            return {}
        place = _known(index, side, place)
        rank = torch.cat([index[f"{side}.pagerank"], torch.tensor([torch.nan], dtype=torch.float64)])
        degree = csr.lengths(csr.restore(side, index))
        return {f"{side}_degree": degree[place].float(), f"{side}_pagerank": rank[place].float()}

    def _shared(self, index: Index, user: Tensor, item: Tensor) -> dict[str, Tensor]:
        items, audience = csr.restore("user", index), csr.restore("item", index)
        linked = csr.contains(csr.keys(items, len(audience.ptr)), user * len(audience.ptr) + item)
        degrees = csr.lengths(audience)
        weights = torch.stack([torch.ones_like(degrees), walks.inverse_log(degrees)])
        # Paths that use the link: over the item itself, and back to the user herself; one of them twice.
        lists = torch.stack([csr.sums(weight[items.idx], items.ptr) for weight in weights])
        own = weights[:, item] * (degrees[item] - 1) + lists[:, user]
        near, weighed = walks.shared(audience, items, weights, user, item) - linked * own
        answers = {"common_neighbours": near, "adamic_adar": weighed.double() / walks.UNIT}
        if self.friends is not None:
            friends = csr.restore("friends", index)
            ones = torch.ones(1, int(friends.idx.max()) + 1 if len(friends.idx) else 0, dtype=torch.int64)
            own = csr.lengths(friends)[user]
            answers["common_friends"] = walks.shared(audience, friends, ones, user, item)[0] - linked * own
        return {f"graph_{name}": number.float() for name, number in answers.items()}

    def _friends(self, history: History) -> Csr:
        listed = history.users[str(self.friends)].values
        assert isinstance(listed, Csr)
        return csr.from_pairs(csr.rows_of(listed), listed.idx, history.n_users + 1)


def _known(index: Index, side: str, place: Tensor) -> Tensor:
    """The places, those that are unknown as the one after the last."""
    return rows.known(place, len(index[f"{side}.pagerank"]))
