"""What is taken up soon after the query item."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from types import MappingProxyType
from typing import final

import numpy as np
import polars as pl

from recsys.label import Label
from recsys.ops.indexing import key_of
from recsys.ops.labels import feedback, labelled
from recsys.types import Events, Need, Positive, PositiveInt, UserError


@final
class Session(Label):
    """Item to item: each row is a query item that the user took up, and what she met within a window after it.

    An event becomes a row for each of the items that its user took up within `seconds` before it, the latest
    first, at most `most`; the query item's id stands in the new context column `query_item`, a category, where
    models read it beside the user. The label is 1 where the event's item was taken up itself. The row has the
    event's own time and context, so that a split by time parts it as it parts the event, and its query item was
    known by then. Events without a query item, and an item as its own query, make no row. Of events of one
    second the order is that of the log. For a model of items alone leave the user's columns out
    (encoders.columns.user_id=drop).

    Args:
        seconds: between the query item and the event.
        most: query items of one event.
        where: a feedback column, a flag or a number, above 0 where the item was taken up; None where every row
            says so.
        within: a context column that names the session, if the two events have to be of the same one.
    """

    adds = MappingProxyType({"query_item": "category"})

    def __init__(
        self,
        *,
        seconds: Positive = 1800.0,
        most: PositiveInt = 3,
        where: str | None = "click",
        within: str | None = None,
    ) -> None:
        self.seconds, self.most, self.where, self.within = seconds, most, where, within
        taken = [] if where is None else [Need(f"data.{where}", "it takes what was taken up for queries")]
        self.needs = (Need("data.time", "it looks within a window of time"), *taken)
        self.gives = frozenset() if where is None else frozenset({"label.negatives"})

    def apply(self, events: Events) -> Events:
        """Pair each event with the query items before it.

        Raises:
            UserError: no item was taken up within the window; or there is no such column.
        """
        taken = self._taken(events)
        row, query = (np.concatenate(part) for part in zip(*self._pairs(events, taken), strict=True))
        order = np.argsort(row, kind="stable")
        row, query = row[order], query[order]
        key = events.items[key_of(events.columns.item)].cast(pl.String)
        items = key.gather(events.log["item"].gather(query)).alias("query_item")
        columns = replace(events.columns, context={**events.columns.context, **self.adds})
        paired = replace(events, log=events.log[row].with_columns(items), columns=columns)
        problem = (
            f"label.seconds={self.seconds:g}: no row is positive, nobody took up an item so soon after "
            "another; make it longer"
        )
        return labelled(paired, pl.Series(taken[row]), problem)

    def _taken(self, events: Events) -> np.ndarray:
        """In which rows the item was taken up, `[N]` bool."""
        if self.where is None:
            if events.impressions:
                raise UserError("label.where: the rows are impressions; name the column of what was taken up")
            return np.ones(len(events.log), dtype=bool)
        happened = feedback(events, "label.where", self.where, ("flag", "number")).cast(float) > 0
        return happened.fill_null(False).to_numpy()

    def _pairs(self, events: Events, taken: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Rows and their query rows: of each the latest, then the one before, until the window is left."""
        log = events.log
        user, item, time = (log[name].to_numpy() for name in ("user", "item", "time"))
        session = self._session(events)
        order = np.lexsort((time, user))
        known = order[taken[order]]
        before = np.cumsum(taken[order]) - taken[order]
        start = np.searchsorted(user[known], user[order])
        made = np.zeros(len(order), dtype=np.int64)
        yield known[:0], known[:0]
        for lag in count(1):
            at = np.flatnonzero((before - lag >= start) & (made < self.most))
            row, query = order[at], known[before[at] - lag]
            near = time[row] - time[query] <= self.seconds
            if not near.any():
                return
            fits = near & (item[row] != item[query]) & (session[row] == session[query])
            made[at] += fits
            yield row[fits], query[fits]

    def _session(self, events: Events) -> np.ndarray:
        """The number of each row's session, `[N]`."""
        if self.within is None:
            return np.zeros(len(events.log), dtype=np.int64)
        if self.within not in events.columns.context:
            has = ", ".join(events.columns.context) or "none"
            raise UserError(f"label.within={self.within}: the data has no such context column; it has {has}")
        return events.log[self.within].rank("dense").to_numpy()
