"""GraphSAGE on the graph of who took up what."""

from collections.abc import Mapping, Sequence
from typing import final

import torch
from torch import Tensor, nn

from recsys.model import DualEncoder
from recsys.nn.fields import EMPTY, FieldBank
from recsys.nn.sage import SageLayer
from recsys.ops import neighbours
from recsys.types import Csr, Graph, PositiveInt, Schema, Slate, UserError


@final
class GraphSAGE(DualEncoder):
    """Users and items exchange what is known of them along the training positives.

    Hamilton et al. 2017, "Inductive Representation Learning on Large Graphs", algorithms 1 and 2, on the
    bipartite graph. Training draws neighbours; scoring uses all of them. A node without neighbours is what
    its own columns say.

    Args:
        dim: length of all vectors.
        embedding: size of each field's embedding.
        fanout: neighbours drawn at each layer, from the outermost inwards; its length is the number of
            layers.
    """

    def __init__(
        self,
        schema: Schema,
        graph: Graph,
        *,
        dim: PositiveInt = 64,
        embedding: PositiveInt = 32,
        fanout: Sequence[PositiveInt] = (10, 10),
    ) -> None:
        super().__init__()
        self.fanout = tuple(fanout)
        self.n = {"user": schema.n_users, "item": schema.n_items}
        banks = {side: FieldBank([f for f in schema.fields if f.side == side], embedding) for side in self.n}
        for side, bank in banks.items():
            if not bank.widths:
                raise UserError(f"model=graphsage needs an encoded column of {side}s; drop fewer")
        self.banks = nn.ModuleDict(banks)
        self.inputs = nn.ModuleDict({side: nn.Linear(bank.width, dim) for side, bank in banks.items()})
        layers = [nn.ModuleDict({side: SageLayer(dim, dim) for side in self.n}) for _ in self.fanout]
        self.layers = nn.ModuleList(layers)
        for side, links in (("user", graph.user_items), ("item", graph.item_users)):
            self.register_buffer(f"{side}_ptr", links.ptr, persistent=False)
            self.register_buffer(f"{side}_idx", links.idx, persistent=False)
        self._all: dict[str, Tensor] = {}

    def train(self, mode: bool = True) -> "GraphSAGE":
        """Switch the mode, and forget the vectors of the whole graph."""
        self._all = {}
        return super().train(mode)

    def encode_users(self, slate: Slate) -> Tensor:
        """The users' vectors, `[B, dim]`."""
        return self._vectors("user", slate.user)

    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The items' vectors, `[..., dim]`."""
        return self._vectors("item", items)

    def _vectors(self, side: str, nodes: Tensor) -> Tensor:
        if self.training:
            return self._sampled(side, nodes, len(self.fanout))
        if not self._all:
            self._all = self._propagate()
        return self._all[side][nodes]

    def _sampled(self, side: str, nodes: Tensor, depth: int) -> Tensor:
        """Vectors after `depth` layers; each distinct node is computed once."""
        distinct, place = torch.unique(nodes, return_inverse=True)
        if depth == 0:
            return self._own(side, distinct)[place]
        other = "item" if side == "user" else "user"
        drawn, linked = neighbours.sample(self._links(side), distinct, self.fanout[-depth])
        means = self._sampled(other, drawn, depth - 1).mean(1) * linked[:, None]
        own = self._sampled(side, distinct, depth - 1)
        return self._layer(side, depth, own, means)[place]

    def _propagate(self) -> dict[str, Tensor]:
        """The vectors of all nodes, from all their neighbours."""
        device = self._links("user").ptr.device
        vectors = {side: self._own(side, torch.arange(n, device=device)) for side, n in self.n.items()}
        for depth in range(1, len(self.fanout) + 1):
            users = neighbours.mean(self._links("user"), vectors["item"])
            items = neighbours.mean(self._links("item"), vectors["user"])
            vectors = {
                "user": self._layer("user", depth, vectors["user"], users),
                "item": self._layer("item", depth, vectors["item"], items),
            }
        return vectors

    def _own(self, side: str, nodes: Tensor) -> Tensor:
        return self.inputs[side](torch.cat(self.banks[side](nodes), -1))

    def _layer(self, side: str, depth: int, own: Tensor, means: Tensor) -> Tensor:
        vectors = self.layers[depth - 1][side](own, means)  # type: ignore[index]
        return vectors if depth == len(self.fanout) else vectors.relu()

    def _links(self, side: str) -> Csr:
        return Csr(ptr=getattr(self, f"{side}_ptr"), idx=getattr(self, f"{side}_idx"))
