"""A tiny labelled log that the tests of the preparations share."""

from collections.abc import Callable, Sequence

import polars as pl
import pytest

from recsys.types import Columns, Events

COLUMNS = Columns(
    user={"u": "id", "country": "category", "paid": "flag", "age": "number", "friends": "categories"},
    item={"i": "id", "author": "category"},
    context={"at": "time", "visit": "id"},
    feedback={"click": "flag"},
)


def logged(rows: Sequence[tuple[int, int, float]], users: int = 6, items: int = 6) -> Events:
    user, item, label = zip(*rows, strict=True)
    n = len(rows)
    log = pl.DataFrame(
        {
            "user": user,
            "item": item,
            "time": range(n),
            "visit": [f"v{k // 2}" for k in range(n)],
            "click": [one > 0 for one in label],
            "label": label,
        },
        schema_overrides={"user": pl.UInt32, "item": pl.UInt32, "time": pl.Int64, "label": pl.Float32},
    )
    people = pl.DataFrame(
        {
            "u": [f"user-{k}" for k in range(users)],
            "country": [["de", "fr", "de", None, "de", "fr"][k % 6] for k in range(users)],
            "paid": [k % 2 == 0 for k in range(users)],
            "age": [20.0 + k // 3 for k in range(users)],
            "friends": [
                [[], ["user-0", "user-2"], None, ["user-1"], ["nobody"], []][k % 6] for k in range(users)
            ],
        }
    )
    things = pl.DataFrame({"i": range(100, 100 + items), "author": [f"user-{k % 2}" for k in range(items)]})
    return Events(log, people, things, COLUMNS)


@pytest.fixture(scope="session")
def make_events() -> Callable[..., Events]:
    """Labelled events from (user, item, label) rows."""
    return logged
