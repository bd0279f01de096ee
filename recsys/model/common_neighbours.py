"""How many neighbours two nodes share."""

from typing import Literal, final

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag

from recsys.model import WholeRows
from recsys.nn.links import Links
from recsys.ops import csr, linking
from recsys.types import Csr, Facts, Graph, Schema, TrainRows


@final
class CommonNeighbours(WholeRows):
    """Score = the sum over shared neighbours of their weights, in the graph of the training positives.

    Liben-Nowell and Kleinberg 2007, "The link-prediction problem for social networks". Where items are users,
    over w in N(u) & N(v), links taken both ways. Else, users and items having no neighbours in common, over the
    users w who took up the item and the items that each shares with u.

    Args:
        weight: each neighbour counts 1, or 1 / log of its degree (Adamic and Adar 2003, "Friends and neighbors
            on the Web").
        shared: items are users; null where the data says so (data=lastfm_friends).
    """

    fits = True
    cell_width = 3

    def __init__(
        self,
        schema: Schema,
        graph: Graph,
        facts: Facts,
        *,
        weight: Literal["one", "inverse_log"] = "one",
        shared: bool | None = None,
    ) -> None:
        super().__init__()
        self.n_items, self.shared = schema.n_items, facts.links if shared is None else shared
        if self.shared:
            linking.check_same(facts.keys, "model.shared=true")
        links = linking.mutual(graph) if self.shared else graph.item_users
        degree = csr.lengths(links)
        weights = torch.where(degree > 1, 1 / degree.double().clamp_min(2).log(), 0.0)
        self.links = Links(links)
        self.taken = self.links if self.shared else Links(graph.user_items)
        chosen = torch.ones(len(degree)) if weight == "one" else weights.float()
        self.register_buffer("weight", chosen, persistent=False)
        self.weight: Tensor

    def fit(self, rows: TrainRows) -> None:
        """Nothing: the graph is known."""

    def rows(self, users: Tensor) -> Tensor:
        """The sums for all items, `[M, n_items]`."""
        own = csr.take(self.taken.csr, users)
        weights = self.weight.new_zeros(len(users), len(self.weight))
        weights[csr.rows_of(own), own.idx] = self.weight[own.idx]
        sums = weights.T if self.shared else _gathered(self.taken.csr, weights.T)
        return _gathered(self.links.csr, sums).T


def _gathered(lists: Csr, values: Tensor) -> Tensor:
    """The sum of the values of each row's columns, `[rows, B]` from `[columns, B]`."""
    return embedding_bag(
        lists.idx, values.contiguous(), offsets=lists.ptr, mode="sum", include_last_offset=True
    )
