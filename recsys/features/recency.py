"""How long ago something last happened, and how old an item is."""

from collections.abc import Mapping, Sequence
from typing import Literal, final

import torch
from torch import Tensor

from recsys.features import Feature, Index
from recsys.ops import asof, rows
from recsys.types import Answer, Columns, History, UserError

DAY = 86_400


@final
class Recency(Feature):
    """Time since the last event and the last positive of the user and of the item, and the age of the item.

    `user_since_event`, `user_since_positive`, `item_since_event`, `item_since_positive` and `item_age`; NaN
    where there was none before the moment.

    Args:
        scale: `log_days` is log(1 + days).
        release: item column of type time from which its age counts; from its first event where there is none.
            NaN before it is released.
    """

    def __init__(
        self, *, scale: Literal["seconds", "days", "log_days"] = "log_days", release: str | None = None
    ) -> None:
        self.scale, self.release = scale, release

    def columns(self, declared: Columns) -> Sequence[Answer]:
        """Two of the user, three of the item."""
        if self.release is not None and declared.item.get(self.release) != "time":
            there = [name for name, type_ in declared.item.items() if type_ == "time"]
            hint = f"choose one of {', '.join(there)}" if there else "the items have none, leave it null"
            raise UserError(f"features.recency.release={self.release}: no item column of type time; {hint}")
        sides: tuple[Literal["user", "item"], ...] = ("user", "item")
        since = [Answer(f"{side}_since_{what}", side) for side in sides for what in ("event", "positive")]
        return [*since, Answer("item_age", "item")]

    def index(self, history: History) -> Index:
        """Timelines of all and of positive events, by user and by item, and when each item was released."""
        positive = history.label > 0
        index = {}
        for side, place, n in (
            ("user", history.user, history.n_users),
            ("item", history.item, history.n_items),
        ):
            index |= asof.store(f"{side}.event", asof.arrange(place, history.time, n)[0])
            of_positive, _ = asof.arrange(place[positive], history.time[positive], n)
            index |= asof.store(f"{side}.positive", of_positive)
        if self.release is not None:
            values = history.items[self.release].values
            assert isinstance(values, Tensor)
            # One item more, for those that are unknown.
            index["release"] = torch.cat([values.double(), torch.tensor([torch.nan], dtype=torch.float64)])
        return index

    def answer(
        self,
        index: Index,
        side: Literal["user", "item", "cross"],
        user: Tensor | None,
        item: Tensor | None,
        time: Tensor,
    ) -> Mapping[str, Tensor]:
        """Times since, of one side."""
        place = {"user": user, "item": item}.get(side)
        if place is None:
            return {}
        answers = {
            f"{side}_since_{what}": self._scaled(_since(asof.restore(f"{side}.{what}", index), place, time))
            for what in ("event", "positive")
        }
        if side == "item":
            answers["item_age"] = self._scaled(self._age(index, place, time))
        return answers

    def _age(self, index: Index, item: Tensor, time: Tensor) -> Tensor:
        if self.release is None:
            return _since(asof.restore("item.event", index), item, time, first=True)
        release = index["release"]
        age = time - release[rows.known(item, len(release) - 1)]
        return torch.where(age >= 0, age, torch.nan)

    def _scaled(self, seconds: Tensor) -> Tensor:
        days = seconds / DAY
        return {"seconds": seconds, "days": days, "log_days": days.log1p()}[self.scale].float()


def _since(timeline: asof.Timeline, key: Tensor, time: Tensor, *, first: bool = False) -> Tensor:
    """Seconds since the last, or the first, event before each moment, `[M]` float64; NaN of none."""
    asked = asof.ask(timeline, key, time)
    passed = torch.full(time.shape, torch.nan, dtype=torch.float64)
    there = asked.now > asked.first
    at = asked.first if first else asked.now - 1
    passed[there] = (asked.time[there] - asof.seconds(timeline, at[there])).double()
    return asked.restore(passed)
