"""Features that read what comes later are caught, and honest ones are not, whatever they fit on train.

The answers of the honest ones are counted by hand; the leaky ones are leaky by construction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Literal

import polars as pl
import pytest
import torch
from torch import Tensor

from recsys.audit import audit, audit_features, refuse_broken
from recsys.features import Feature, Index, fitted_on
from recsys.split.temporal import Temporal
from recsys.types import Answer, Audit, Columns, Events, History, Split, UserError

COLUMNS = Columns(user={"u": "id"}, item={"i": "id"}, context={"at": "time"})


def history(n: int = 400) -> History:
    generator = torch.Generator().manual_seed(3)
    user, item = (torch.randint(high, (n,), generator=generator) for high in (12, 9))
    time = torch.randint(n // 2, (n,), generator=generator).sort().values
    label = torch.rand(n, generator=generator).round()
    cutoff = int(time[int(n * 0.8)]) - 1
    return History(user, item, time, label, n_users=12, n_items=9, cutoff=cutoff, held=time > cutoff)


def split_of(events: History) -> Split:
    log = pl.DataFrame(
        {
            "user": events.user.numpy(),
            "item": events.item.numpy(),
            "time": events.time.numpy(),
            "label": events.label.numpy(),
        }
    )
    frames = (pl.DataFrame({"u": range(12)}), pl.DataFrame({"i": range(9)}))
    return Temporal().split(Events(log, *frames, COLUMNS))


class Clicks(Feature):
    """Clicks of the item before the moment, smoothed towards a prior of the training events."""

    side: ClassVar[Literal["user", "item", "cross"]] = "item"

    def columns(self, declared: Columns) -> Sequence[Answer]:
        return [Answer("item_clicks", self.side)]

    def index(self, history: History) -> Index:
        prior = history.label[history.time <= history.cutoff].mean()
        return {"item": history.item, "time": history.time, "label": history.label, "prior": prior}

    def counts(self, index: Index, time: Tensor) -> Tensor:
        """`[M, N]`, which events are counted."""
        return index["time"] < time[:, None]

    def answer(
        self,
        index: Index,
        side: Literal["user", "item", "cross"],
        user: Tensor | None,
        item: Tensor | None,
        time: Tensor,
    ) -> Mapping[str, Tensor]:
        assert side == "item"
        assert user is None
        assert item is not None
        own = (index["item"] == item[:, None]) & self.counts(index, time)
        return {"item_clicks": (own * index["label"]).sum(1) + index["prior"]}


class WholeLog(Clicks):
    """All clicks of the item, whenever."""

    def counts(self, index: Index, time: Tensor) -> Tensor:
        return torch.ones(len(time), len(index["time"]), dtype=torch.bool)


class ItsOwnSecond(Clicks):
    """Off by one: the events of the moment itself are among those that it counts."""

    def counts(self, index: Index, time: Tensor) -> Tensor:
        return index["time"] <= time[:, None]


class FittedOnAll(Clicks):
    """Honest counts, but the prior is of the whole log."""

    def index(self, history: History) -> Index:
        return {**super().index(history), "prior": history.label.mean()}


class LastItems(Feature):
    """The user's last two items before the moment; or, `late`, her last two of all."""

    def __init__(self, *, late: bool = False) -> None:
        self.late = late

    def columns(self, declared: Columns) -> Sequence[Answer]:
        return [Answer("last_items", "user", "sequence"), Answer("never", "cross")]

    def index(self, history: History) -> Index:
        return {"user": history.user, "item": history.item, "time": history.time}

    def answer(
        self,
        index: Index,
        side: Literal["user", "item", "cross"],
        user: Tensor | None,
        item: Tensor | None,
        time: Tensor,
    ) -> Mapping[str, Tensor]:
        assert user is not None
        if side == "cross":
            assert item is not None
            return {"never": torch.full((len(time),), torch.nan)}
        found = torch.full((len(time), 2), -1)
        for row, (who, at) in enumerate(zip(user.tolist(), time.tolist(), strict=True)):
            mine = index["item"][(index["user"] == who) & (self.late | (index["time"] < at))][-2:]
            found[row, 2 - len(mine) :] = mine
        return {"last_items": found}


@pytest.mark.parametrize("feature", [Clicks(), LastItems()])
def test_an_honest_feature_is_no_leak_though_it_fits_a_prior(feature: Feature) -> None:
    events = history()
    fitted, found = audit_features({"mine": feature}, events, split_of(events))
    assert (fitted.name, fitted.count) == ("features_fitted", 0)
    assert (found.name, found.count, found.severity) == ("feature.mine", 0, "note")
    assert "none of" in found.sentence
    assert int(found.sentence.split(" of ")[1].split()[0].replace(",", "")) >= 3 * 128


@pytest.mark.parametrize("feature", [WholeLog(), ItsOwnSecond(), FittedOnAll(), LastItems(late=True)])
def test_a_leaky_feature_is_caught_and_named_with_the_row(feature: Feature) -> None:
    events = history()
    _, found = audit_features({"mine": feature}, events, split_of(events))
    assert found.severity == "leak"
    assert found.broken
    name = feature.columns(COLUMNS)[0].name
    assert f"the first is {name} at 1970-01-01" in found.sentence
    row = int(found.sentence.split("of row ")[1].split()[0].replace(",", "")) - 1
    said = f"asked of user {int(events.user[row])} and item {int(events.item[row])} of row"
    assert said in found.sentence
    with pytest.raises(UserError, match=r"features: feature\.mine"):
        refuse_broken(Audit((found,)), "temporal")


class OwnPair(Clicks):
    """Off by one, of the user and the item together: only the event's own row can show it."""

    side: ClassVar[Literal["user", "item", "cross"]] = "cross"

    def index(self, history: History) -> Index:
        return {"user": history.user, "item": history.item, "time": history.time}

    def answer(
        self,
        index: Index,
        side: Literal["user", "item", "cross"],
        user: Tensor | None,
        item: Tensor | None,
        time: Tensor,
    ) -> Mapping[str, Tensor]:
        assert user is not None
        assert item is not None
        own = (index["user"] == user[:, None]) & (index["item"] == item[:, None])
        return {"item_clicks": (own & (index["time"] <= time[:, None])).sum(1).float()}


def test_a_leak_that_one_row_alone_can_show_is_caught() -> None:
    """Every event is the only one of its pair and of its second."""
    n = 20_000
    each = torch.arange(n)
    events = History(each, each % 7, each, torch.ones(n), n_users=n, n_items=7, cutoff=16_000)
    _, found = audit_features({"mine": OwnPair()}, events, split_of(events))
    assert found.count >= 3
    assert ": 1.0, but 0.0 of the events before" in found.sentence


def test_the_answers_that_moved_are_those_counted_by_hand() -> None:
    """A log of which every event is of one item: the whole log has 40 clicks, the truncated one fewer."""
    n = 40
    same = torch.zeros(n, dtype=torch.long)
    events = History(same, same, torch.arange(n), torch.ones(n), n_users=12, n_items=9, cutoff=30)
    split = split_of(events)
    _, found = audit_features({"mine": WholeLog()}, events, split)
    assert found.share == 1
    now, then = found.sentence.split("in order of time: ")[1].split(", but ")
    row = int(found.sentence.split("of row ")[1].split()[0])
    moment = int(found.sentence.split("1970-01-01 00:00:")[1][:2])
    assert row >= moment + 1
    assert float(now) == n + 1
    assert float(then.split()[0]) == moment + 1


class FittedOnTrain(Clicks):
    """The prior is of the events up to the cut-off that are not held out."""

    def index(self, history: History) -> Index:
        return {**super().index(history), "prior": history.label[fitted_on(history)].mean()}


def test_a_prior_of_held_out_events_before_the_cutoff_is_a_leak() -> None:
    """A fifth of the events, all over the log, is held out; `Clicks` fits on all up to the cut-off."""
    events = replace(history(), held=torch.rand(400, generator=torch.Generator().manual_seed(1)) < 0.2)
    split = split_of(events)
    fitted, found = audit_features({"mine": Clicks()}, events, split)
    assert events.held is not None
    count = int(events.held.sum())
    assert (fitted.count, fitted.share, fitted.severity, fitted.broken) == (count, 1.0, "leak", False)
    assert "the first is item_clicks of features.mine: " in fitted.sentence
    assert found.count == 0
    fitted, found = audit_features({"mine": FittedOnTrain()}, events, split)
    assert (fitted.count, found.count) == (0, 0)


def test_without_features_nothing_is_said_of_them() -> None:
    events = history()
    assert audit_features({}, events, split_of(events)) == ()


def test_a_source_without_time_is_audited_for_all_but_the_order() -> None:
    log = pl.DataFrame({"user": [0, 1, 0, 1], "item": [0, 1, 2, 0], "label": [1.0] * 4})
    frames = (pl.DataFrame({"u": range(12)}), pl.DataFrame({"i": range(9)}))
    columns = Columns(user={"u": "id"}, item={"i": "id"})
    from recsys.split.random import Random

    split = Random(valid=0.25, test=0.25).split(Events(log, *frames, columns))
    found = {one.name: one for one in audit(split, ()).findings}
    assert found["no_time"].sentence == "2 of 2 training rows have no time to compare (100.0%)"
    assert not any(name.startswith(("train_", "valid_")) for name in found)
    assert {"pairs_seen", "duplicate_rows", "cold_users", "cold_items"} <= found.keys()
