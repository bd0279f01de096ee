"""What a user took up last before a moment."""

from collections.abc import Mapping, Sequence
from typing import Literal, final

import torch
from torch import Tensor

from recsys.features import Feature, Index
from recsys.ops import asof, csr
from recsys.ops.entities import GROUPING
from recsys.types import Answer, Columns, Csr, History, PositiveInt, UserError

TYPES = f"{', '.join(GROUPING[:-1])} or {GROUPING[-1]}"


@final
class RecentItems(Feature):
    """The items of the user's last positive events before the moment, the latest last, `user_history`.

    An item that she took up twice is there twice; events of one second are in the order of the log. For each of
    `columns` a sequence of the same items' values, `user_history_<column>`. A column of lists has as many
    places an item as the longest list has values, -1 behind the last, so that `[M, length * places]` seen as
    `[M, length, places]` is aligned with the items.

    Args:
        length: how many.
        columns: item columns of type category, categories or flag.
    """

    gives = frozenset({"features.history"})

    def __init__(self, *, length: PositiveInt = 20, columns: Sequence[str] = ()) -> None:
        self.length, self.of = length, tuple(dict.fromkeys(columns))

    def columns(self, declared: Columns) -> Sequence[Answer]:
        """A sequence of items, and one of each column."""
        there = [name for name, type_ in declared.item.items() if type_ in GROUPING]
        problems = []
        for name in self.of:
            if name not in there:
                type_ = declared.item.get(name)
                wrong = f"is of type {type_}" if type_ else "is no column of the items"
                hint = f"there are {', '.join(there)}" if there else "there is none, leave it out"
                problems.append(f"features.history.columns: {name} {wrong}; of type {TYPES} {hint}")
        if problems:
            raise UserError(*problems)
        sequences = [Answer(f"user_history_{name}", "user", "sequence", of=name) for name in self.of]
        return [Answer("user_history", "user", "sequence"), *sequences]

    def index(self, history: History) -> Index:
        """A timeline of the positive events by user, their items, and the items' values."""
        positive = history.label > 0
        user, item = history.user[positive], history.item[positive]
        timeline, order = asof.arrange(user, history.time[positive], history.n_users)
        values = {f"of.{name}": _padded(history.items[name].values) for name in self.of}
        return {**asof.store("user", timeline), "item": item[order], **values}

    def answer(
        self,
        index: Index,
        side: Literal["user", "item", "cross"],
        user: Tensor | None,
        item: Tensor | None,
        time: Tensor,
    ) -> Mapping[str, Tensor]:
        """The sequences, of the user's side."""
        if side != "user" or user is None:
            return {}
        asked = asof.ask(asof.restore("user", index), user, time)
        at, there = asof.last(asked, self.length)
        items = torch.full(at.shape, -1)
        items[there] = index["item"][at[there]]
        items = asked.restore(items)
        values = {f"user_history_{name}": _valued(items, index[f"of.{name}"]) for name in self.of}
        return {"user_history": items, **values}


def _padded(values: Tensor | Csr) -> Tensor:
    """The values of each item, -1 behind the last, `[n_items, places]` int64."""
    if isinstance(values, Tensor):
        return values[:, None].contiguous()
    lengths = csr.lengths(values)
    table = torch.full((len(lengths), max([1, *lengths.tolist()])), -1)
    rows = csr.rows_of(values)
    table[rows, torch.arange(len(rows)) - values.ptr[rows]] = values.idx
    return table


def _valued(items: Tensor, table: Tensor) -> Tensor:
    """The values of the items, `[M, length * places]`; of no item -1."""
    values = torch.full((*items.shape, table.shape[1]), -1)
    values[items >= 0] = table[items[items >= 0]]
    return values.flatten(1)
