"""Some events say more than others, and some say no."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Literal, final

import polars as pl

from recsys.label import Label
from recsys.ops.labels import feedback, labelled
from recsys.types import WEIGHT, Events, Need, NonNegative, UserError

FLAGS: Mapping[str, float] = MappingProxyType({"click": 1, "like": 3, "share": 5, "hide": -1, "report": -1})


@final
class WeightedEvents(Label):
    """1 where something of positive weight happened and nothing of negative weight, else 0; and a weight.

    `label.weight` is the sum of the positive weights of what happened, or, where something of negative weight
    did, the sum of those without their sign; `rest` where nothing happened. What has weight 0 says nothing.
    With `scope=pair` a negative event stands from its second on for all rows of the same user and item, with
    the weight of the first: later rows are negative whatever else happened in them. Earlier ones are not, since
    it was not known then.

    Args:
        event: a feedback column of type category that says what happened, one event a row; None for none.
        events: the weight of each of its values.
        flags: the weight of each feedback column, a flag or a number, that is above 0 where it happened;
            several can happen in a row. None for none.
        rest: weight of rows in which nothing happened.
        scope: what a negative event speaks of: its row, or the user's later rows of the item too.
    """

    def __init__(
        self,
        *,
        event: str | None = None,
        events: Mapping[str, float] | None = None,
        flags: Mapping[str, float] | None = FLAGS,
        rest: NonNegative = 1.0,
        scope: Literal["row", "pair"] = "row",
    ) -> None:
        self.event, self.events = event, dict(events or {})
        self.flags = {column: weight for column, weight in (flags or {}).items() if weight}
        self.rest, self.scope = rest, scope
        if (event is None) != (not self.events):
            raise UserError("label.event and label.events go together: give both or none")
        weights = [*self.flags.values(), *self.events.values()]
        if not any(weight > 0 for weight in weights):
            raise UserError("label.flags, label.events: no weight is above 0, so no row would be positive")
        columns = [*self.flags, *([event] if event else [])]
        time = [Need("data.time", "a negative event speaks of later rows")] if scope == "pair" else []
        self.needs = (*(Need(f"data.{column}", "it weighs what happened") for column in columns), *time)
        all_positive = not self.flags and all(weight > 0 for weight in weights)
        self.gives = frozenset({"label.weights"} if all_positive else {"label.weights", "label.negatives"})

    def apply(self, events: Events) -> Events:
        """Label and weigh every row.

        Raises:
            UserError: no row is positive, a value is missing, or an event has no weight in `events`.
        """
        happened = [self._signal(events, column, weight) for column, weight in self.flags.items()]
        signals = pl.DataFrame([*happened, *([self._said(events, self.event)] if self.event else [])])
        up = pl.sum_horizontal(pl.all().clip(lower_bound=0), ignore_nulls=False)
        down = pl.sum_horizontal((-pl.all()).clip(lower_bound=0), ignore_nulls=False)
        sums = signals.select(up=up, down=down)
        if self.scope == "pair":
            sums = sums.with_columns(down=_standing(events, sums["down"]))
        rest = pl.when(pl.col("up") > 0).then("up").otherwise(self.rest)
        weight = sums.select(pl.when(pl.col("down") > 0).then("down").otherwise(rest)).to_series()
        positive = ((sums["up"] > 0) & (sums["down"] == 0)).alias(", ".join(signals.columns))
        problem = f"label: no row is positive by {', '.join(signals.columns)}; name what else users did"
        done = labelled(events, positive, problem)
        return replace(done, log=done.log.with_columns(weight.cast(pl.Float32).alias(WEIGHT)))

    def _signal(self, events: Events, column: str, weight: float) -> pl.Series:
        """The weight where it happened, else 0."""
        happened = feedback(events, f"label.flags.{column}", column, ("flag", "number")).cast(float) > 0
        return happened.cast(pl.Float64) * weight

    def _said(self, events: Events, event: str) -> pl.Series:
        """The weight of what the column says."""
        said = feedback(events, "label.event", event, ("category",)).cast(pl.String)
        unknown = sorted(set(said.drop_nulls().unique()) - self.events.keys())
        if unknown:
            raise UserError(
                f"label.events: gives no weight to {', '.join(map(repr, unknown))} of column {event}; write "
                "one, 0 for what says nothing"
            )
        return said.replace_strict(self.events, return_dtype=pl.Float64)


def _standing(events: Events, down: pl.Series) -> pl.Series:
    """The row's negative weight, or else that of the pair's first negative event until then."""
    log = events.log.select("user", "item", "time", down=down)
    negative = pl.col("down") > 0
    pair = ("user", "item")
    first = pl.col("time").filter(negative).min().over(pair)
    weight = pl.col("down").filter(negative & (pl.col("time") == first)).max().over(pair)
    earlier = pl.when(pl.col("time") >= first).then(weight).otherwise(0.0)
    return (
        log.with_columns(first=first)
        .select(pl.when(negative).then("down").otherwise(earlier.fill_null(0.0)))
        .to_series()
    )
