"""GraphSAGE on the graph of who took up what, and of who is whose friend."""

from collections.abc import Mapping, Sequence
from typing import final

import torch
from torch import Tensor, nn

from recsys.model import DualEncoder
from recsys.nn import decay as decaying
from recsys.nn.distinct import exact
from recsys.nn.fields import EMPTY, FieldBank
from recsys.nn.links import Links
from recsys.nn.remembered import Remembered
from recsys.nn.sage import SageLayer
from recsys.ops import csr, linking, neighbours
from recsys.types import (
    Csr,
    Facts,
    Fraction,
    Graph,
    NonNegative,
    Positive,
    PositiveInt,
    Schema,
    Slate,
    UserError,
)


@final
class GraphSAGE(DualEncoder):
    """Users and items exchange what is known of them along the training positives, users along friendships too.

    Hamilton et al. 2017, "Inductive Representation Learning on Large Graphs", algorithms 1 and 2, on the
    bipartite graph. Training draws neighbours; scoring uses all of them. A node without neighbours is what its
    own columns say. Other than there, the last layer has no ReLU, so that a score can be below 0, and vectors
    are not scaled to length 1 after each layer (line 7), but at most after the last.

    Args:
        dim: length of all vectors.
        embedding: size of each field's embedding.
        fanout: neighbours drawn at each layer, from the outermost inwards; its length is the number of
            layers.
        social: user column of type categories that lists other users by id, along which users exchange too.
        shared: items are users, and one set of vectors and links serves both roles (data=lastfm_friends).
        cold: share of a step's nodes that are taken for new ones, without id and training links, so that what
            columns alone say is learnt (Volkovs, Yu and Poutanen 2017, "DropoutNet"); above 0, nodes without
            a training positive have no id when they are scored.
        cold_items: this share among items, where it is another than among users: 0 where every item is known,
            as with split=new_users.
        hidden: share of the links which a training step is asked to foretell that it does not see. Scoring is
            asked for links that are not there, so this is nearer to it; but of a graph that is hardly larger
            than a batch too little is left.
        normalized: scale the last layer's vectors to length 1, so that the product is their cosine.
        temperature: divides the product.
        decay: weight of the squared length of what a training step reads of its users' and items' own columns.
    """

    def __init__(
        self,
        schema: Schema,
        graph: Graph,
        facts: Facts,
        *,
        dim: PositiveInt = 64,
        embedding: PositiveInt = 32,
        fanout: Sequence[PositiveInt] = (10, 10),
        social: str | None = None,
        shared: bool = False,
        cold: Fraction = 0.0,
        cold_items: Fraction | None = None,
        hidden: Fraction = 0.5,
        normalized: bool = False,
        temperature: Positive = 1.0,
        decay: NonNegative = 0.0,
    ) -> None:
        super().__init__()
        self.normalized, self.temperature, self.decay = normalized, temperature, decay
        self.fanout, self.hidden = tuple(fanout), hidden
        self.cold = {"user": cold, "item": cold if cold_items is None else cold_items}
        self.n = {"user": schema.n_users, "item": schema.n_items}
        self.relations = {"user": {"user_items": "item"}, "item": {"item_users": "user"}}
        links = {"user_items": graph.user_items, "item_users": graph.item_users}
        if shared:
            linking.check_same(facts.keys, "model.shared=true")
            links, self.relations = {"mutual": linking.mutual(graph)}, {"user": {"mutual": "user"}}
        self.role = "user" if shared else "item"
        known = {side: csr.lengths(links[next(iter(of))]) > 0 for side, of in self.relations.items()}
        if social is not None:
            links["social"] = linking.of_column(social, facts.users, facts.keys["user"], "model.social")
            self.relations["user"]["social"] = "user"
        self._build(schema, dim, embedding)
        self.links = nn.ModuleDict({name: Links(lists) for name, lists in links.items()})
        for side, values in known.items():
            self.register_buffer(f"{side}_known", values, persistent=False)
        self._all, self._hidden = Remembered[dict[str, Tensor]](), Remembered[dict[str, Tensor]]()

    def _build(self, schema: Schema, dim: int, embedding: int) -> None:
        """The learned parts."""
        fields = {side: [f for f in schema.fields if f.side == side and f.table is not None] for side in self.n}
        banks = {side: FieldBank(fields[side], embedding) for side in self.relations}
        for side, bank in banks.items():
            if not bank.widths:
                raise UserError(f"model=graphsage needs an encoded column of {side}s; drop fewer")
        self.are_ids = {side: [field.type == "id" for field in fields[side]] for side in banks}
        self.banks = nn.ModuleDict(banks)
        self.inputs = nn.ModuleDict({side: nn.Linear(bank.width, dim) for side, bank in banks.items()})
        layer = {side: len(of) for side, of in self.relations.items()}
        self.layers = nn.ModuleList(
            nn.ModuleDict({side: SageLayer(dim, dim, relations) for side, relations in layer.items()})
            for _ in self.fanout
        )

    def encode_users(self, slate: Slate) -> Tensor:
        """The users' vectors, `[B, dim]`; in training the slate's positives are hidden links, here and
        in `encode_items` after it.
        """
        self._hidden.value = self._to_hide(slate) if self.training and self.hidden else None
        return self.scaled(self._vectors("user", slate.user)) / self.temperature

    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The items' vectors, `[..., dim]`."""
        return self.scaled(self._vectors(self.role, items))

    def penalty(self, slate: Slate) -> Tensor | None:
        """The decay of what the slate's users and items have in their columns, without their neighbours."""
        if not self.decay:
            return None
        users, items = self.banks["user"](slate.user), self.banks[self.role](slate.items)
        return self.decay * decaying.of_slate(torch.cat(users, -1), torch.cat(items, -1), slate)

    def _vectors(self, side: str, nodes: Tensor) -> Tensor:
        if self.training:
            distinct, place = torch.unique(nodes, return_inverse=True)
            new = torch.rand(len(distinct), device=nodes.device) < self.cold[side]
            return exact(self._sampled(side, distinct, len(self.fanout), new))[place]
        if self._all.value is None:
            self._all.value = self._propagate()
        return self._all.value[side][nodes]

    def _sampled(self, side: str, nodes: Tensor, depth: int, new: Tensor) -> Tensor:
        """Vectors after `depth` layers, of distinct nodes, some taken for new ones."""
        if depth == 0:
            return self._own(side, nodes, new)
        means = []
        for name, other in self.relations[side].items():
            drawn, kept = neighbours.sample(self._links(name), nodes, self.fanout[-depth])
            if name != "social":
                kept = kept & ~new
            cells = kept[:, None] & ~self._is_hidden(name, nodes, drawn, other)
            distinct, place = torch.unique(drawn, return_inverse=True)
            vectors = self._sampled(other, distinct, depth - 1, torch.zeros_like(distinct, dtype=torch.bool))
            total = (exact(vectors)[place] * cells[..., None]).sum(1)
            means.append(total / cells.sum(1, keepdim=True).clamp_min(1))
        return self._layer(side, depth, self._sampled(side, nodes, depth - 1, new), means)

    def _propagate(self) -> dict[str, Tensor]:
        """The vectors of all nodes, from all their neighbours."""
        device = self.get_buffer("user_known").device
        every = {side: torch.arange(self.n[side], device=device) for side in self.relations}
        none = {side: torch.zeros_like(nodes, dtype=torch.bool) for side, nodes in every.items()}
        vectors = {side: self._own(side, nodes, none[side]) for side, nodes in every.items()}
        for depth in range(1, len(self.fanout) + 1):
            means = {
                side: [neighbours.mean(self._links(name), exact(vectors[other])) for name, other in of.items()]
                for side, of in self.relations.items()
            }
            vectors = {side: self._layer(side, depth, own, means[side]) for side, own in vectors.items()}
        return vectors

    def _own(self, side: str, nodes: Tensor, new: Tensor) -> Tensor:
        """What the columns say; of new nodes and, where they were foreseen, of unknown ones without the id."""
        fields = self.banks[side](nodes)
        if self.cold[side]:
            named = (self.get_buffer(f"{side}_known")[nodes] & ~new)[:, None]
            fields = [v * named if is_id else v for v, is_id in zip(fields, self.are_ids[side], strict=True)]
        return self.inputs[side](torch.cat(fields, -1))

    def _layer(self, side: str, depth: int, own: Tensor, means: Sequence[Tensor]) -> Tensor:
        vectors = self.layers[depth - 1][side](own, *means)  # type: ignore[index]
        return vectors if depth == len(self.fanout) else vectors.relu()

    def _to_hide(self, slate: Slate) -> dict[str, Tensor]:
        """The pairs that a slate is asked to foretell and that are hidden, as ascending keys by relation."""
        row, column = ((slate.labels > 0) & slate.mask).nonzero(as_tuple=True)
        hidden = torch.rand(len(row), device=row.device) < self.hidden
        row, column = row[hidden], column[hidden]
        user = slate.user[row]
        item = slate.items[column] if slate.items.dim() == 1 else slate.items[row, column]
        there, back = user * self.n["item"] + item, item * self.n["user"] + user
        keys = {"user_items": there, "item_users": back, "mutual": torch.cat([there, back])}
        return {name: keys[name].sort().values for of in self.relations.values() for name in of if name in keys}

    def _is_hidden(self, name: str, nodes: Tensor, drawn: Tensor, other: str) -> Tensor:
        """Which drawn links are hidden, as `drawn`."""
        hidden = self._hidden.value or {}
        if name not in hidden:
            return torch.zeros_like(drawn, dtype=torch.bool)
        return csr.contains(hidden[name], nodes[:, None] * self.n[other] + drawn)

    def _links(self, name: str) -> Csr:
        return self.links[name].csr  # type: ignore[return-value]
