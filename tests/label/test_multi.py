"""Each task's column against its own label applied alone; and rows with tasks on their way to tensors."""

import math

import polars as pl
import pytest

from recsys.label.click import Click
from recsys.label.delayed import Delayed
from recsys.label.multi import Multi
from recsys.label.regression import Regression
from recsys.label.session import Session
from recsys.label.weighted_events import WeightedEvents
from recsys.types import Columns, Events, UserError

CLICKS = [True, False, True, True, False]
STAYS = [30.0, None, 4.0, None, 9.0]
LIKES = [False, False, True, False, False]


def shown() -> Events:
    log = pl.DataFrame(
        {"user": [0] * 5, "item": range(5), "click": CLICKS, "dwell_seconds": STAYS, "like": LIKES}
    )
    columns = Columns(
        {"u": "id"}, {"i": "id"}, feedback={"click": "flag", "dwell_seconds": "number", "like": "flag"}
    )
    return Events(log, pl.DataFrame({"u": [7]}), pl.DataFrame({"i": range(5)}), columns, impressions=True)


def same(values: pl.Series, wanted: list[float]) -> bool:
    return all(
        math.isclose(a, b) or (math.isnan(a) and math.isnan(b)) for a, b in zip(values, wanted, strict=True)
    )


def test_each_task_has_its_column_and_the_first_is_the_label() -> None:
    log = Multi(tasks={"click": Click(), "like": Click(column="like"), "stay": Regression()}).apply(shown()).log
    assert log["label"].to_list() == Click().apply(shown()).log["label"].to_list()
    assert log["label.tasks.click"].to_list() == [1, 0, 1, 1, 0]
    assert log["label.tasks.like"].to_list() == [0, 0, 1, 0, 0]
    assert same(log["label.tasks.stay"], [30, math.nan, 4, math.nan, math.nan])
    assert log.columns == [
        *shown().log.columns,
        "label",
        "label.tasks.click",
        "label.tasks.like",
        "label.tasks.stay",
    ]
    assert {log[name].dtype for name in log.columns if name.startswith("label")} == {pl.Float32}


def test_rows_that_the_primary_task_leaves_out_are_left_out() -> None:
    log = Multi(tasks={"click": Click(), "stay": Regression()}, primary="stay").apply(shown()).log
    assert log["item"].to_list() == [0, 2]
    assert log["label"].to_list() == log["label.tasks.stay"].to_list() == [30, 4]
    assert log["label.tasks.click"].to_list() == [1, 1]


def test_the_weight_is_that_of_the_primary_task() -> None:
    tasks = {"click": Click(), "weighed": WeightedEvents(flags={"click": 1, "like": 3})}
    assert "label.weight" not in Multi(tasks=tasks).apply(shown()).log.columns
    weight = Multi(tasks=tasks, primary="weighed").apply(shown()).log["label.weight"]
    assert weight.to_list() == [1, 1, 4, 1, 1]


def test_a_rows_labels_are_known_when_the_last_of_them_is() -> None:
    log = pl.DataFrame({"user": [0] * 3, "item": [0, 1, 1], "time": [0, 5, 90], "click": [True] * 3})
    log = log.with_columns(soon=pl.Series([3, None, None], dtype=pl.Int64), late=pl.col("time") + 8)
    columns = Columns(
        {"u": "id"}, {"i": "id"}, {"at": "time"}, {"click": "flag", "soon": "time", "late": "time"}
    )
    events = Events(log, pl.DataFrame({"u": [0]}), pl.DataFrame({"i": [0, 1]}), columns)
    tasks = {"soon": Delayed(seconds=4, at="soon"), "late": Delayed(seconds=40, at="late")}
    done = Multi(tasks=tasks).apply(events).log
    assert done.select("label.tasks.soon", "label.tasks.late", "label.closes").rows() == [
        (1, 1, 40),
        (0, 1, 45),
    ]
    done = Multi(tasks={"click": Click(), **tasks}).apply(events).log
    assert done["label.closes"].to_list() == [40, 45, None]


def test_it_gives_what_the_primary_task_gives_and_needs_what_all_need() -> None:
    tasks = {"stay": Regression(), "click": Click()}
    assert Multi(tasks=tasks).gives == {"label.real", "label.tasks"}
    assert Multi(tasks=tasks, primary="click").gives == {"label.negatives", "label.tasks"}
    assert {need.what for need in Multi(tasks=tasks).needs} == {"data.click", "data.dwell_seconds"}


def test_a_task_that_finds_nothing_is_named() -> None:
    with pytest.raises(UserError, match=r"label\.tasks\.stars: .* no such feedback column"):
        Multi(tasks={"click": Click(), "stars": Click(column="stars")}).apply(shown())


def test_no_task_an_unknown_primary_one_and_one_that_makes_columns_are_refused() -> None:
    with pytest.raises(UserError, match=r"label\.tasks: there is none"):
        Multi()
    with pytest.raises(UserError, match=r"label\.primary=stay: there is no such task; choose one of click"):
        Multi(tasks={"click": Click()}, primary="stay")
    with pytest.raises(UserError, match=r"label\.tasks\.next: makes columns of its own"):
        Multi(tasks={"click": Click(), "next": Session()})
