"""How near two users are in a graph of users."""

from collections.abc import Mapping, Sequence
from typing import Literal, final

import torch
from torch import Tensor

from recsys.features import Feature, Index, fitted_on
from recsys.ops import csr, linking, rows, walks
from recsys.types import Answer, Columns, Graph, History, UserError


@final
class Social(Feature):
    """Common neighbours of two users in the graph of who is linked to whom, and their Adamic-Adar index.

    Liben-Nowell and Kleinberg 2007, "The link-prediction problem for social networks". With N(x) the users that
    x is linked to, links taken both ways, and A the users that the asked user u is compared with:

        social_common_neighbours = sum over v in A - u of |N(u) & N(v)|
        social_adamic_adar       = sum over v in A - u of the sum over w in N(u) & N(v) of 1 / log |N(w)|

    Where items are users (data=lastfm_friends), A is the one user who is asked about, and the links are the
    log's: the positives up to the cut-off without those held out, whatever moment is asked for. Elsewhere the
    links are those that a column of the users lists, and A is the audience of the item: who took it up until
    then. A link between u and v adds to neither sum; an event of u with the item adds u to A, who is left out.

    Args:
        friends: user column of type categories that lists other users by id; None takes items for users.
    """

    needs = ()

    def __init__(self, *, friends: str | None = None) -> None:
        self.friends = friends

    def columns(self, declared: Columns) -> Sequence[Answer]:
        """Two of the cross."""
        if self.friends is not None:
            linking.check_column(self.friends, declared, "features.social.friends")
        return [Answer(f"social_{what}", "cross") for what in ("common_neighbours", "adamic_adar")]

    def index(self, history: History) -> Index:
        """The neighbours of each user, and the users that an item stands for, one row more for the unknown.

        Raises:
            UserError: items are no users and no column is named, or the column lists no user.
        """
        taken = (history.label > 0) & fitted_on(history)
        user, item = history.user[taken], history.item[taken]
        if self.friends is None:
            _check_same(history)
            everyone = torch.arange(history.n_items)
            audience = csr.from_pairs(everyone, everyone, history.n_items + 1)
        else:
            keys = history.keys["user"].to_list()
            listed = linking.of_column(self.friends, history.users, keys, "features.social.friends")
            audience = csr.from_pairs(item, user, history.n_items + 1)
            user, item = csr.rows_of(listed), listed.idx
        links = csr.from_pairs(user, item, history.n_users + 1)
        friends = linking.mutual(Graph(links, links))
        return csr.store("friends", friends) | csr.store("audience", audience)

    def answer(
        self,
        index: Index,
        side: Literal["user", "item", "cross"],
        user: Tensor | None,
        item: Tensor | None,
        time: Tensor,
    ) -> Mapping[str, Tensor]:
        """What the two share; nothing of the other sides."""
        if side != "cross" or user is None or item is None:
            return {}
        friends, audience = (csr.restore(of, index) for of in ("friends", "audience"))
        user, item = (rows.known(of, len(lists.ptr) - 2) for of, lists in ((user, friends), (item, audience)))
        degrees = csr.lengths(friends)
        weights = torch.stack([torch.ones_like(degrees), walks.inverse_log(degrees)])
        width = len(friends.ptr)
        herself = csr.contains(csr.keys(audience, width), item * width + user)
        own = torch.stack([csr.sums(weight[friends.idx], friends.ptr) for weight in weights])[:, user]
        near, weighed = walks.shared(audience, friends, weights, user, item) - herself * own
        return {
            "social_common_neighbours": near.float(),
            "social_adamic_adar": (weighed.double() / walks.UNIT).float(),
        }


def _check_same(history: History) -> None:
    try:
        linking.check_same({side: keys.to_list() for side, keys in history.keys.items()}, "features=social")
    except UserError as error:
        said = f"{error}, or name the users' column that lists users by id: features.social.friends=friends"
        raise UserError(said) from None
