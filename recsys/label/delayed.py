"""What follows a click counts if it follows soon enough, and is known only then."""

from collections.abc import Sequence
from dataclasses import replace
from typing import final

import polars as pl

from recsys.label import Label
from recsys.ops.labels import feedback, labelled
from recsys.types import CLOSES, Events, Need, PositiveInt, UserError

ROW, OUTCOME = "row of delayed", "outcome of delayed"


@final
class Delayed(Label):
    """1 where an outcome came within the attribution window after the row, else 0.

    A row's label is known when its window closes, whatever came before: that second is `label.closes`. Rows
    whose window is open at the end of the log are left out, and the split leaves out those whose window is open
    when the next part begins: they are no negatives (Chapelle 2014, "Modeling Delayed Feedback in Display
    Advertising", sec. 2). With `at` each row has its own outcome. With `event` an outcome is a later event of
    the same user and item; one event can be the outcome of several rows, and what is neither in `clicks` is no
    row.

    Args:
        seconds: the window; an outcome in its last second counts.
        at: the feedback column, of type time, with the outcome's time, missing where there was none; None for
            `event`.
        where: with `at`, a feedback column above 0 in the rows that can have an outcome, the others are left
            out; None for all rows.
        event: the feedback column of type category that says what happened.
        clicks: its values that can have an outcome.
        outcomes: its values that are one.
    """

    gives = frozenset({"label.negatives"})

    def __init__(
        self,
        *,
        seconds: PositiveInt = 604800,
        at: str | None = None,
        where: str | None = None,
        event: str = "event",
        clicks: Sequence[str] = ("view",),
        outcomes: Sequence[str] = ("purchase",),
    ) -> None:
        self.seconds, self.at, self.where, self.event = seconds, at, where, event
        self.clicks, self.outcomes = tuple(clicks), tuple(outcomes)
        if at is None and where is not None:
            raise UserError("label.where: goes with label.at; name the rows by label.clicks")
        columns = [at or event, *([where] if where else [])]
        self.needs = (
            Need("data.time", "it looks within a window of time"),
            Need("split.cutoff", "it leaves out what was not yet known when the held-out time began"),
            *(Need(f"data.{column}", "it looks for outcomes") for column in columns),
        )

    def apply(self, events: Events) -> Events:
        """Label the rows that can have an outcome and whose window has closed.

        Raises:
            UserError: no row has an outcome within the window, or no window has closed.
        """
        last = events.log["time"].max()
        rows = self._by_time(events, self.at) if self.at else self._by_event(events)
        log = rows.with_columns((pl.col("time") + self.seconds).alias(CLOSES)).filter(pl.col(CLOSES) <= last)
        problem = (
            f"label.seconds={self.seconds}: no row is positive of {len(log):,} whose window has closed by the "
            "end of the log; change it, or name other outcomes"
        )
        return labelled(replace(events, log=log.drop(OUTCOME)), log[OUTCOME], problem)

    def _by_time(self, events: Events, at: str) -> pl.DataFrame:
        """The rows, with whether their own outcome came in time."""
        after = feedback(events, "label.at", at, ("time",)) - events.log["time"]
        outcome = after.is_between(0, self.seconds).fill_null(False)
        log = events.log.with_columns(outcome.alias(OUTCOME))
        if self.where is None:
            return log
        return log.filter(feedback(events, "label.where", self.where, ("flag", "number")).cast(float) > 0)

    def _by_event(self, events: Events) -> pl.DataFrame:
        """The clicks, with whether the pair's next outcome came in time."""
        said = feedback(events, "label.event", self.event, ("category",)).cast(pl.String)
        log = events.log.with_row_index(ROW)
        outcomes = log.filter(said.is_in(self.outcomes)).select(
            "user", "item", "time", pl.lit(value=True).alias(OUTCOME)
        )
        joined = (
            log.filter(said.is_in(self.clicks))
            .sort("time")
            .join_asof(
                outcomes.sort("time"),
                on="time",
                by=["user", "item"],
                strategy="forward",
                tolerance=self.seconds,
                check_sortedness=False,
            )
        )
        return joined.sort(ROW).drop(ROW).with_columns(pl.col(OUTCOME).fill_null(value=False))
