"""Against the definition, row by row and pair by pair."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.label.weighted_events import WeightedEvents
from recsys.types import Columns, Events, UserError

FLAGS = {"click": 1, "like": 3, "share": 5, "hide": -1, "report": -2}
Row = tuple[int, int, int, tuple[bool, ...]]


def shown(rows: list[Row]) -> Events:
    user, item, time, flags = zip(*rows, strict=True)
    happened = {name: [one[n] for one in flags] for n, name in enumerate(FLAGS)}
    log = pl.DataFrame({"user": user, "item": item, "time": time, **happened})
    columns = Columns({"u": "id"}, {"i": "id"}, {"at": "time"}, dict.fromkeys(FLAGS, "flag"))
    return Events(log, pl.DataFrame({"u": range(3)}), pl.DataFrame({"i": range(3)}), columns, impressions=True)


def said(events: list[Any]) -> Events:
    n = len(events)
    log = pl.DataFrame({"user": [0] * n, "item": range(n), "event": events})
    columns = Columns({"u": "id"}, {"i": "id"}, feedback={"event": "category"})
    return Events(log, pl.DataFrame({"u": [7]}), pl.DataFrame({"i": range(n)}), columns)


def by_hand(rows: list[Row], scope: str) -> tuple[list[float], list[float]]:
    labels, weights = [], []
    for user, item, time, flags in rows:
        up = sum(w for w, f in zip(FLAGS.values(), flags, strict=True) if f and w > 0)
        down = -sum(w for w, f in zip(FLAGS.values(), flags, strict=True) if f and w < 0)
        if scope == "pair" and not down:
            earlier = [
                (t, -sum(w for w, f in zip(FLAGS.values(), fs, strict=True) if f and w < 0))
                for u, i, t, fs in rows
                if (u, i) == (user, item) and t <= time
            ]
            negative = [(t, d) for t, d in earlier if d > 0]
            if negative:
                down = max(d for t, d in negative if t == min(negative)[0])
        labels.append(float(up > 0 and not down))
        weights.append(float(down or up or 0.5))
    return labels, weights


rows = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, 5), st.tuples(*[st.booleans()] * 5)),
    min_size=1,
    max_size=14,
)


@given(rows, st.sampled_from(["row", "pair"]))
@settings(deadline=None)
def test_labels_and_weights_are_those_of_the_definition(rows: list[Row], scope: Any) -> None:
    labels, weights = by_hand(rows, scope)
    rule = WeightedEvents(flags=FLAGS, rest=0.5, scope=scope)
    if not any(labels):
        with pytest.raises(UserError, match="no row is positive"):
            rule.apply(shown(rows))
        return
    log = rule.apply(shown(rows)).log
    assert log["label"].to_list() == labels
    assert log["label.weight"].to_list() == weights
    assert (log["label"].dtype, log["label.weight"].dtype) == (pl.Float32, pl.Float32)


def test_a_hide_is_negative_whatever_else_happened_and_later_ones_of_the_pair_too() -> None:
    none = (False,) * 5
    like, liked_and_hidden = (True, True, False, False, False), (True, True, False, True, False)
    rows = [(0, 0, 1, like), (0, 0, 2, liked_and_hidden), (0, 0, 3, like), (0, 1, 4, like), (1, 0, 4, none)]
    log = WeightedEvents(flags=FLAGS).apply(shown(rows)).log
    assert log["label"].to_list() == [1, 0, 1, 1, 0]
    assert log["label.weight"].to_list() == [4, 1, 4, 4, 1]
    log = WeightedEvents(flags=FLAGS, scope="pair").apply(shown(rows)).log
    assert log["label"].to_list() == [1, 0, 0, 1, 0]
    assert log["label.weight"].to_list() == [4, 1, 1, 4, 1]


def test_each_event_of_a_shop_has_its_weight() -> None:
    rule = WeightedEvents(event="event", events={"view": 1, "cart": 3, "purchase": 5, "return": -2}, flags=None)
    log = rule.apply(said(["view", "purchase", "return", "cart"])).log
    assert log["label"].to_list() == [1, 1, 0, 1]
    assert log["label.weight"].to_list() == [1, 5, 2, 3]
    assert [need.what for need in rule.needs] == ["data.event"]
    assert rule.gives == {"label.negatives", "label.weights"}
    assert WeightedEvents(event="event", events={"view": 1}, flags=None).gives == {"label.weights"}


def test_an_event_of_weight_0_says_nothing() -> None:
    rule = WeightedEvents(event="event", events={"view": 0, "purchase": 5}, flags=None, rest=0.1)
    log = rule.apply(said(["view", "purchase"])).log
    assert log["label"].to_list() == [0, 1]
    assert log["label.weight"].to_list() == pytest.approx([0.1, 5])


def test_an_event_without_a_weight_is_refused_by_name() -> None:
    rule = WeightedEvents(event="event", events={"view": 1}, flags=None)
    with pytest.raises(
        UserError, match=r"label\.events: gives no weight to 'cart', 'purchase' of column event"
    ):
        rule.apply(said(["view", "purchase", "cart"]))


def test_a_missing_value_is_refused_with_its_row() -> None:
    rule = WeightedEvents(event="event", events={"view": 1}, flags=None)
    with pytest.raises(UserError, match="1 of 2 rows have no event to decide by, the first is row 2"):
        rule.apply(said(["view", None]))


def test_weights_without_a_positive_one_and_half_a_pair_of_arguments_are_refused() -> None:
    with pytest.raises(UserError, match="no weight is above 0"):
        WeightedEvents(flags={"hide": -1})
    with pytest.raises(UserError, match=r"label\.event and label\.events go together"):
        WeightedEvents(event="event")


def test_a_weight_of_0_takes_a_flag_out_and_a_pair_needs_time() -> None:
    rule = WeightedEvents(flags={"click": 1, "hide": 0}, scope="pair")
    assert [need.what for need in rule.needs] == ["data.click", "data.time"]
