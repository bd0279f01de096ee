"""LightGCN on the graph of who took up what."""

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor

from recsys.model import DualEncoder
from recsys.nn import decay as decaying
from recsys.nn.distinct import exact
from recsys.nn.fields import EMPTY
from recsys.nn.ids import IdVectors
from recsys.nn.propagate import smooth
from recsys.nn.remembered import Remembered
from recsys.ops import adjacency
from recsys.types import Graph, NonNegative, Positive, PositiveInt, Schema, Slate


@final
class LightGCN(DualEncoder):
    """Score = <user vector, item vector> / temperature, each the mean of the id vectors within `layers` steps.

    He et al. 2020, "LightGCN: Simplifying and Powering Graph Convolution Network for Recommendation", eq. 3-9
    with equal weights of the layers. The whole graph is smoothed once a training step, and once for scoring.
    An entity without training positives keeps its own vector, shrunk.

    Args:
        dim: length of the vectors.
        layers: steps along the graph.
        normalized: scale both vectors to length 1, so that the product is their cosine: with sampled softmax
            and a temperature of 0.1 or so, Wu et al. 2024, "On the Effectiveness of Sampled Softmax Loss for
            Item Recommendation".
        temperature: divides the product.
        decay: weight of the squared length of the id vectors that a training step reads (eq. 15).
    """

    def __init__(
        self,
        schema: Schema,
        graph: Graph,
        *,
        dim: PositiveInt = 64,
        layers: PositiveInt = 3,
        normalized: bool = False,
        temperature: Positive = 1.0,
        decay: NonNegative = 1e-4,
    ) -> None:
        super().__init__()
        self.n_users, self.layers, self.decay = schema.n_users, layers, decay
        self.normalized, self.temperature = normalized, temperature
        self.users = IdVectors(schema, "user", dim, "model=lightgcn")
        self.items = IdVectors(schema, "item", dim, "model=lightgcn")
        matrix = adjacency.normalised(graph)
        buffers = {"ptr": matrix.links.ptr, "idx": matrix.links.idx, "weights": matrix.weights}
        buffers |= {"every_user": torch.arange(schema.n_users), "every_item": torch.arange(schema.n_items)}
        for name, values in buffers.items():
            self.register_buffer(name, values, persistent=False)
        self._known = Remembered[Tensor]()

    def encode_users(self, slate: Slate) -> Tensor:
        """The users' vectors, `[B, dim]`; in training this begins a step."""
        known = None if self.training else self._known.value
        self._known.value = known = self._smoothed() if known is None else known
        return self.scaled(known[slate.user]) / self.temperature

    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The items' vectors, `[..., dim]`; in training those of the step that `encode_users` began."""
        known = self._known.value
        if known is None or (self.training and known.requires_grad != torch.is_grad_enabled()):
            known = self._smoothed()
        self._known.value = None if self.training else known
        return self.scaled(known[self.n_users + items])

    def penalty(self, slate: Slate) -> Tensor | None:
        """The decay of the id vectors that the slate reads."""
        if not self.decay:
            return None
        return self.decay * decaying.of_slate(self.users(slate.user), self.items(slate.items), slate)

    def _smoothed(self) -> Tensor:
        """The vectors of all users and items after all layers, `[users + items, dim]`."""
        vectors = exact(torch.cat([self.users(self.every_user), self.items(self.every_item)]))
        return smooth(vectors, self.ptr, self.idx, self.weights, self.layers)  # type: ignore[arg-type]
