"""A small labelled log for the tests of splits."""

from collections.abc import Callable

import polars as pl
import pytest

from recsys.types import Columns, Events

Row = tuple[int, int, int, int]
"""User, item, second, label."""


def _events(rows: list[Row], *, time: bool = True) -> Events:
    user, item, at, label = zip(*rows, strict=True)
    log = pl.DataFrame(
        {"user": user, "item": item, "time": at, "label": label, "row": range(len(rows))},
        schema={"user": pl.UInt32, "item": pl.UInt32, "time": pl.Int64, "label": pl.Float32, "row": pl.Int64},
    )
    users, items = pl.DataFrame({"u": range(9)}), pl.DataFrame({"i": range(9)})
    context = {"at": "time"} if time else {}
    columns = Columns(user={"u": "id"}, item={"i": "id"}, context=context)  # type: ignore[arg-type]
    return Events(log if time else log.drop("time"), users, items, columns)


@pytest.fixture(scope="session")
def events() -> Callable[..., Events]:
    """The events of some rows; `row` is the number of each, and there are nine users and items."""
    return _events
