"""How a user, an item and the moment become a score.

A model encodes users and items each by themselves, as far as it can, and lets them meet in `interact`.
So scoring the whole catalogue encodes every item once.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Generic, TypeVar, final

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid, normalize, softplus

from recsys.nn.fields import EMPTY
from recsys.nn.inner import inner
from recsys.nn.links import pick
from recsys.types import Need, Slate, Task, TrainRows, UserError

Encoding = TypeVar("Encoding")


class Model(nn.Module, ABC, Generic[Encoding]):
    """From a slate to logits.

    Attributes:
        fits: True for a model that is fitted in one step by `fit`, without loss or optimizer.
        samples: True for one that `fit_slates` fits in one step, on what sampling makes of the training rows.
        weighs: True where `fit` reads the rows' weights; the graph is without rows of weight 0 for every model.
        notes: what a reader of the results should know of how `fit` went, a line each.
        cell_width: numbers held for each scored pair; the evaluation sizes its blocks by it.
    """

    needs: Collection[Need] = ()
    gives: frozenset[str] = frozenset()
    fits: bool = False
    samples: bool = False
    weighs: bool = False
    notes: tuple[str, ...] = ()
    cell_width: int = 1

    @classmethod
    def needs_with(cls, arguments: Mapping[str, Any]) -> Collection[Need]:
        """The needs, where they follow from what is chosen: `arguments` by name, as the config has them."""
        return cls.needs

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

    def outputs(self, slate: Slate) -> Tensor:
        """What the loss reads: logits `[B, C]`; of a model of several tasks `[B, C, T]`."""
        return self(slate)

    def penalty(self, slate: Slate) -> Tensor | None:
        """What training adds to the loss of a slate beside its logits, a scalar; nothing by default."""
        return None

    def fit(self, rows: TrainRows) -> None:
        """Fit in one step; only where `fits` is set."""
        raise NotImplementedError

    def fit_slates(self, slates: Sequence[Slate]) -> None:
        """Fit in one step on the slates of an epoch; only where `fits` and `samples` are set."""
        raise NotImplementedError


class WholeRows(Model[Tensor]):
    """A model that scores a user's whole catalogue at a time; users and items stand for themselves.

    Attributes:
        n_items: size of the catalogue.
    """

    n_items: int

    @abstractmethod
    def rows(self, users: Tensor) -> Tensor:
        """Scores of all items, `[M, n_items]`, for users `[M]`."""

    @final
    def encode_users(self, slate: Slate) -> Tensor:
        """The users themselves, `[B]`."""
        return slate.user

    @final
    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The items themselves."""
        return items

    @final
    def interact(self, users: Tensor, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The candidates out of the users' rows, `[B, C]`."""
        return pick(self.rows, users, items, self.n_items)


class DualEncoder(Model[Tensor]):
    """A model whose score is the inner product of a user vector `[B, D]` and an item vector `[..., D]`.

    Attributes:
        normalized: vectors that go through `scaled` have length 1, so that the product is their cosine.
    """

    gives = frozenset({"model.towers"})
    normalized: bool = False

    @final
    def scaled(self, vectors: Tensor) -> Tensor:
        """The vectors `[..., D]`, of length 1 where the model is normalized."""
        return normalize(vectors, dim=-1) if self.normalized else vectors

    @final
    def interact(self, users: Tensor, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """Inner products, `[B, C]`."""
        return inner(users, items)


class Ranker(Model[Encoding]):
    """A model whose score is read off a vector that stands for the pair of query and candidate.

    A multi-task model puts heads of its own on that vector.

    Attributes:
        width: of the pair's vector.
        out: what `read` has learned; `nn.Identity` where that is nothing.
    """

    width: int
    out: nn.Module

    @abstractmethod
    def represent(self, users: Encoding, items: Encoding, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The pair's vector `[B, C, width]`; arguments as of `interact`."""

    @abstractmethod
    def read(self, pairs: Tensor) -> Tensor:
        """Logits `[B, C]` of the pairs' vectors `[B, C, width]`."""

    @final
    def interact(self, users: Encoding, items: Encoding, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """Logits `[B, C]`."""
        return self.read(self.represent(users, items, features))


class MultiTask(Model[Encoding]):
    """A model that predicts several labels of a pair, and ranks by one value made of them.

    The value is the product of each task's prediction to the power of its weight, as a logarithm:
    sum_t w_t log p_t, where p_t is a chance sigmoid(logit), or an amount softplus(logit); a hide has a weight
    below 0. Zhao et al. 2019, "Recommending What Video to Watch Next: A Multitask Ranking System", sec. 4.2.

    Args:
        tower: the ranking model whose vector of the pair all tasks read; its own `out` is dropped.
        tasks: the one that is measured by first.
        value: the weights by task; none ranks by the first task's logit.
    """

    gives = frozenset({"model.tasks", "model.context", "model.moments", "model.cross"})
    needs = (
        Need("label.tasks", "it predicts each"),
        Need("sampling.tasks", "each of its heads learns from a label of its own"),
        Need("loss.tasks", "each of its heads is compared with a label of its own"),
    )

    def __init__(
        self, tower: Ranker[Encoding], tasks: tuple[Task, ...], value: Mapping[str, float] | None
    ) -> None:
        super().__init__()
        value = value or {}
        names = [task.name for task in tasks]
        unknown = [name for name in value if name not in names]
        if unknown:
            raise UserError(f"model.value.{unknown[0]}: there is no such task; choose among {', '.join(names)}")
        self.tower, self.tasks = tower, tasks
        self.tower.out = nn.Identity()
        self.value = [(place, value[name]) for place, name in enumerate(names) if value.get(name)]

    @abstractmethod
    def predict(self, pairs: Tensor) -> Tensor:
        """A logit or an amount for each task, `[B, C, T]`, from the pairs' vectors `[B, C, tower.width]`."""

    @final
    def encode_users(self, slate: Slate) -> Encoding:
        """The tower's part of the queries."""
        return self.tower.encode_users(slate)

    @final
    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Encoding:
        """The tower's part of the items."""
        return self.tower.encode_items(items, features)

    @final
    def interact(self, users: Encoding, items: Encoding, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The value, `[B, C]`."""
        predicted = self.predict(self.tower.represent(users, items, features))
        if not self.value:
            return predicted[..., 0]
        parts = [weight * self._log(predicted[..., at], at) for at, weight in self.value]
        return torch.stack(parts).sum(0)

    @final
    def penalty(self, slate: Slate) -> Tensor | None:
        """The tower's."""
        return self.tower.penalty(slate)

    def _log(self, predicted: Tensor, at: int) -> Tensor:
        """Log of a chance or an amount, `[B, C]`."""
        return softplus(predicted).clamp_min(1e-12).log() if self.tasks[at].amount else logsigmoid(predicted)

    @final
    def outputs(self, slate: Slate) -> Tensor:
        """The predictions of all tasks, `[B, C, T]`."""
        items = self.encode_items(slate.items, slate.features)
        return self.predict(self.tower.represent(self.encode_users(slate), items, slate.features))
