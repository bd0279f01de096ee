"""Against the definition: 1 for every row."""

from dataclasses import replace

import polars as pl
import pytest

from recsys.label.all_positive import AllPositive
from recsys.types import Columns, Events, UserError

EVENTS = Events(
    log=pl.DataFrame({"user": [0, 0], "item": [1, 0]}, schema={"user": pl.UInt32, "item": pl.UInt32}),
    users=pl.DataFrame({"u": ["a"]}),
    items=pl.DataFrame({"i": ["x", "y"]}),
    columns=Columns(user={"u": "id"}, item={"i": "id"}),
)


def test_every_row_is_a_positive() -> None:
    log = AllPositive().apply(EVENTS).log
    assert log["label"].to_list() == [1, 1]
    assert log["label"].dtype == pl.Float32
    assert log.drop("label").equals(EVENTS.log)


def test_impressions_are_refused() -> None:
    with pytest.raises(UserError, match="label=all_positive: the rows are impressions; choose label=click"):
        AllPositive().apply(replace(EVENTS, impressions=True))


def test_an_empty_log_is_refused() -> None:
    with pytest.raises(UserError, match="label=all_positive: no row is positive"):
        AllPositive().apply(replace(EVENTS, log=EVENTS.log.head(0)))


def test_it_gives_no_negatives() -> None:
    assert AllPositive().gives == frozenset()
    assert list(AllPositive().needs) == []
