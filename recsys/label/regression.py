"""The label is an amount: how long the user stayed, how many stars she gave."""

from dataclasses import replace
from typing import final

import polars as pl

from recsys.label import Label
from recsys.ops.labels import feedback
from recsys.types import Events, Need, Positive, UserError


@final
class Regression(Label):
    """The value of a feedback column; rows without one are left out.

    Args:
        column: the feedback column that holds the amount, a number.
        where: a feedback column, a flag or a number, above 0 in the rows that have an amount; the others are
            left out. None for every row with a value.
        log: log(1 + amount) instead of the amount.
        cap: larger amounts count as this one, before the logarithm; in the column's own unit.
    """

    gives = frozenset({"label.real"})

    def __init__(
        self,
        *,
        column: str = "dwell_seconds",
        where: str | None = "click",
        log: bool = False,
        cap: Positive | None = None,
    ) -> None:
        self.column, self.where, self.log, self.cap = column, where, log, cap
        happened = [] if where is None else [Need(f"data.{where}", "it takes amounts of what happened alone")]
        self.needs = (Need(f"data.{column}", "it takes its values as labels"), *happened)

    def apply(self, events: Events) -> Events:
        """Label the rows that have a value.

        Raises:
            UserError: no row has an amount above 0, or log=true and one is negative.
        """
        amounts = feedback(events, "label.column", self.column, ("number",)).cast(float).fill_nan(None)
        if self.where is not None:
            happened = feedback(events, "label.where", self.where, ("flag", "number")).cast(float) > 0
            amounts = amounts.to_frame().select(pl.when(happened).then(pl.first())).to_series()
        if not (amounts > 0).any():
            raise UserError(
                f"label.column={self.column}: no row is positive, the largest {self.column} is "
                f"{amounts.max()}; name a column of amounts, or another label.where"
            )
        log = events.log.with_columns(self._scaled(amounts).cast(pl.Float32).alias("label"))
        return replace(events, log=log.filter(pl.col("label").is_not_null()))

    def _scaled(self, amounts: pl.Series) -> pl.Series:
        if self.cap is not None:
            amounts = amounts.clip(upper_bound=self.cap)
        if not self.log:
            return amounts
        if (amounts < 0).any():
            raise UserError(
                f"label.log=true: {self.column} is {amounts.min()} in a row, which has no logarithm here; "
                "set it to false"
            )
        return amounts.log1p()
