"""How a user, an item and the moment become a score.

A model encodes users and items each by themselves, as far as it can, and lets them meet in `interact`.
So scoring the whole catalogue encodes every item once.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from typing import Generic, TypeVar, final

from torch import Tensor, nn

from recsys.nn.fields import EMPTY
from recsys.nn.inner import inner
from recsys.types import Need, Slate, TrainRows

Encoding = TypeVar("Encoding")


class Model(nn.Module, ABC, Generic[Encoding]):
    """From a slate to logits.

    Attributes:
        fits: True for a model that is fitted in one step by `fit`, without loss or optimizer.
        cell_width: numbers held for each scored pair; the evaluation sizes its blocks by it.
    """

    needs: Collection[Need] = ()
    gives: frozenset[str] = frozenset()
    fits: bool = False
    cell_width: int = 1

    @abstractmethod
    def encode_users(self, slate: Slate) -> Encoding:
        """What the score needs of the queries: user and context, first dimension B."""

    @abstractmethod
    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Encoding:
        """What the score needs of the items `[B, C]` or `[C]`, leading dimensions as given.

        Args:
            features: encoded item features at a moment, by name, leading dimensions as of the items.
        """

    @abstractmethod
    def interact(self, users: Encoding, items: Encoding, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """Logits `[B, C]` of each query with its candidates, or with the shared candidates `[C]`.

        Args:
            features: encoded cross features by name, `[B, C, ...]`.
        """

    @final
    def forward(self, slate: Slate) -> Tensor:
        """Logits `[B, C]`."""
        users = self.encode_users(slate)
        return self.interact(users, self.encode_items(slate.items, slate.features), slate.features)

    def penalty(self, slate: Slate) -> Tensor | None:
        """What training adds to the loss of a slate beside its logits, a scalar; nothing by default."""
        return None

    def fit(self, rows: TrainRows) -> None:
        """Fit in one step; only where `fits` is set."""
        raise NotImplementedError


class DualEncoder(Model[Tensor]):
    """A model whose score is the inner product of a user vector `[B, D]` and an item vector `[..., D]`."""

    gives = frozenset({"model.towers"})

    @final
    def interact(self, users: Tensor, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """Inner products, `[B, C]`."""
        return inner(users, items)
