"""What a user took up last before a moment."""

from collections.abc import Mapping, Sequence
from typing import Literal, final

import torch
from torch import Tensor

from recsys.features import Feature, Index
from recsys.ops import asof
from recsys.types import Answer, Columns, History, PositiveInt


@final
class RecentItems(Feature):
    """The items of the user's last positive events before the moment, the latest last, `user_history`.

    An item that she took up twice is there twice; events of one second are in the order of the log.

    Args:
        length: how many.
    """

    gives = frozenset({"features.history"})

    def __init__(self, *, length: PositiveInt = 20) -> None:
        self.length = length

    def columns(self, declared: Columns) -> Sequence[Answer]:
        """One sequence."""
        return [Answer("user_history", "user", "sequence")]

    def index(self, history: History) -> Index:
        """A timeline of the positive events by user, and their items."""
        positive = history.label > 0
        user, item = history.user[positive], history.item[positive]
        timeline, order = asof.arrange(user, history.time[positive], history.n_users)
        return {**asof.store("user", timeline), "item": item[order]}

    def answer(
        self,
        index: Index,
        side: Literal["user", "item", "cross"],
        user: Tensor | None,
        item: Tensor | None,
        time: Tensor,
    ) -> Mapping[str, Tensor]:
        """The sequence, of the user's side."""
        if side != "user" or user is None:
            return {}
        asked = asof.ask(asof.restore("user", index), user, time)
        at, there = asof.last(asked, self.length)
        items = torch.full(at.shape, -1)
        items[there] = index["item"][at[there]]
        return {"user_history": asked.restore(items)}
