"""What a user did with an item, and with items like it, before a moment."""

from collections.abc import Mapping, Sequence
from typing import Literal, final

import torch
from torch import Tensor

from recsys.features import Feature, Index
from recsys.ops import counting, entities, windows
from recsys.types import Answer, Columns, History, Positive


@final
class Affinity(Feature):
    """Events and positives of this user with this very item, or with the items of its groups.

    With `item`: how often she saw it (`user_item_count_all`) and took it up (`user_item_positive_count_all`).
    With `item.genres`: her events with items of its genres, `user_item.genres_count_all`, and the rate of
    positives among them, (positives + strength prior) / (events + strength). Of an item in several groups it is
    the mean of the counts and the rate of the sums; in none, NaN.

    Args:
        towards: `item`, or item columns of type category, categories or flag: `item.author`.
        windows: how far back: a number and s, m, h, d or w, or `all`.
        rates: shares beside counts.
        strength: how many events the prior, the share of positives before the moment, is worth.
    """

    def __init__(
        self,
        *,
        towards: Sequence[str] = ("item",),
        windows: Sequence[str] = ("all",),
        rates: bool = True,
        strength: Positive = 20,
    ) -> None:
        self.towards, self.windows = tuple(towards), tuple(windows)
        self.rates, self.strength = rates, strength

    def columns(self, declared: Columns) -> Sequence[Answer]:
        """Counts and rates of the cross."""
        parsed = self._entities()
        entities.check("features.affinity.towards", parsed, declared)
        return [
            Answer(name, "cross")
            for entity in parsed
            for name in counting.names(
                f"user_{entity.name}", (counting.POSITIVE,), self._windows(), rates=self.rates
            )
        ]

    def index(self, history: History) -> Index:
        """A timeline of the pairs of user and item, or user and group."""
        index = counting.prior_index(history, (counting.POSITIVE,))
        index["users"] = torch.tensor(history.n_users)
        for entity in self._entities():
            index |= entities.store(entity, history)
            key, event = entities.of_events(entity, index, history.item)
            n_keys = int(index[f"{entity.name}.keys"])
            pair = (history.user if event is None else history.user[event]) * n_keys + key
            pairs = history.n_users * n_keys
            index |= counting.index(entity.name, pair, event, pairs, history, (counting.POSITIVE,))
        return index

    def answer(
        self,
        index: Index,
        side: Literal["user", "item", "cross"],
        user: Tensor | None,
        item: Tensor | None,
        time: Tensor,
    ) -> Mapping[str, Tensor]:
        """Counts and rates of the cross; nothing of the other sides."""
        answers: dict[str, Tensor] = {}
        if side != "cross" or user is None or item is None:
            return answers
        prior = counting.priors(index, time, (counting.POSITIVE,))
        for entity in self._entities():
            key, ptr = entities.keys(entity, index, item)
            n_keys, owner = int(index[f"{entity.name}.keys"]), entities.spread(user, ptr)
            known = (key >= 0) & (key < n_keys) & (owner >= 0) & (owner < index["users"])
            pair = torch.where(known, owner * n_keys + key, -1)
            found = counting.counts(entity.name, index, pair, ptr, time, (counting.POSITIVE,), self._windows())
            answers |= counting.columns(
                f"user_{entity.name}", found, ptr, prior, self.strength, rates=self.rates
            )
        return answers

    def _entities(self) -> tuple[entities.Entity, ...]:
        return entities.parse("features.affinity.towards", self.towards, ("item",))

    def _windows(self) -> counting.Windows:
        return windows.parse("features.affinity.windows", self.windows)
