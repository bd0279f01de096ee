"""How much happened before a moment: counts and rates over windows."""

from collections.abc import Mapping, Sequence
from typing import Literal, final

from torch import Tensor

from recsys.features import Feature, Index
from recsys.ops import counting, entities, windows
from recsys.types import Answer, Columns, History, Positive


@final
class Counters(Feature):
    """Events, positives and flags of a user, an item or a group of them, in windows before the moment.

    Of each it answers `<by>_count_<window>`, and of the positives and each flag `<by>_<kind>_count_<window>`
    and `<by>_<kind>_rate_<window>`. A rate is (kind + strength prior) / (events + strength), so clicks per
    impression of a log of impressions; the prior is the share among all events before the moment. An entity in
    several groups (a film of two genres) has the mean of their counts and the rate of their sums; in none, NaN.

    Args:
        windows: how far back: a number and s, m, h, d or w, or `all`. An event exactly as old as the window
            belongs to it.
        by: `user`, `item`, or a column of type category, categories or flag: `item.author`, `user.country`.
        events: feedback columns whose events (value above 0) are counted too.
        rates: shares beside counts.
        strength: how many events the prior is worth.
    """

    def __init__(
        self,
        *,
        windows: Sequence[str] = ("1h", "1d", "7d", "30d", "all"),
        by: Sequence[str] = ("user", "item"),
        events: Sequence[str] = (),
        rates: bool = True,
        strength: Positive = 20,
    ) -> None:
        self.windows, self.by = tuple(windows), tuple(by)
        self.events, self.rates, self.strength = tuple(dict.fromkeys(events)), rates, strength

    @property
    def kinds(self) -> tuple[str, ...]:
        """What is counted beside all events."""
        return (counting.POSITIVE, *self.events)

    def columns(self, declared: Columns) -> Sequence[Answer]:
        """Counts and rates of the user's side and of the item's."""
        parsed = self._entities()
        entities.check("features.counters.by", parsed, declared)
        counting.check("features.counters.events", self.events, declared)
        return [
            Answer(name, entity.side)
            for entity in parsed
            for name in counting.names(entity.name, self.kinds, self._windows(), rates=self.rates)
        ]

    def index(self, history: History) -> Index:
        """A timeline of each entity with a running count of each kind."""
        index = counting.prior_index(history, self.kinds)
        for entity in self._entities():
            index |= entities.store(entity, history)
            place = history.user if entity.side == "user" else history.item
            key, event = entities.of_events(entity, index, place)
            n_keys = int(index[f"{entity.name}.keys"])
            index |= counting.index(entity.name, key, event, n_keys, history, self.kinds)
        return index

    def answer(
        self,
        index: Index,
        side: Literal["user", "item", "cross"],
        user: Tensor | None,
        item: Tensor | None,
        time: Tensor,
    ) -> Mapping[str, Tensor]:
        """Counts and rates of one side."""
        place, answers = (user if side == "user" else item), {}
        prior = counting.priors(index, time, self.kinds)
        for entity in self._entities():
            if entity.side != side or place is None:
                continue
            key, ptr = entities.keys(entity, index, place)
            found = counting.counts(entity.name, index, key, ptr, time, self.kinds, self._windows())
            answers |= counting.columns(entity.name, found, ptr, prior, self.strength, rates=self.rates)
        return answers

    def _entities(self) -> tuple[entities.Entity, ...]:
        return entities.parse("features.counters.by", self.by, ("user", "item"))

    def _windows(self) -> counting.Windows:
        return windows.parse("features.counters.windows", self.windows)
