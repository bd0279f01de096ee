"""By hand, and math.log1p."""

import math

import pytest
import torch

from recsys.features.recency import Recency
from recsys.types import Attribute, Columns, History, UserError

DAY = 86_400
COLUMNS = Columns({"user_id": "id"}, {"item_id": "id", "year": "number", "out": "time"}, {"at": "time"}, {})


def log() -> History:
    """One user: item 0 on day 3, taken up, and on day 5, not; item 1 came out on day 4."""
    return History(
        user=torch.tensor([0, 0]),
        item=torch.tensor([0, 0]),
        time=DAY * torch.tensor([3, 5]),
        label=torch.tensor([1.0, 0.0]),
        n_users=1,
        n_items=2,
        cutoff=5 * DAY,
        items={"out": Attribute("time", DAY * torch.tensor([1.0, 4.0], dtype=torch.float64))},
    )


def asked(feature: Recency, item: int, day: int) -> dict[str, float]:
    found = feature.answer(feature.index(log()), "item", None, torch.tensor([item]), torch.tensor([day * DAY]))
    return {name: values.item() for name, values in found.items()}


@pytest.mark.parametrize(
    ("scale", "of"),
    [
        ("seconds", lambda days: days * DAY),
        ("days", lambda days: days),
        ("log_days", math.log1p),
    ],
)
def test_times_are_in_the_scale_that_is_asked_for(scale: str, of: object) -> None:
    found = asked(Recency(scale=scale), 0, 9)  # type: ignore[arg-type]
    expected = {"item_since_event": 4, "item_since_positive": 6, "item_age": 6}
    assert found == pytest.approx({name: of(days) for name, days in expected.items()})  # type: ignore[operator]


def test_age_counts_from_the_release_where_it_is_named() -> None:
    feature = Recency(scale="days", release="out")
    assert asked(feature, 0, 9)["item_age"] == 8
    assert asked(feature, 1, 4)["item_age"] == 0
    assert math.isnan(asked(feature, 1, 3)["item_age"])
    assert math.isnan(asked(Recency(), 1, 9)["item_age"])


@pytest.mark.parametrize("release", ["year", "nothing"])
def test_a_release_that_is_no_time_is_refused(release: str) -> None:
    with pytest.raises(UserError, match=rf"^features\.recency\.release={release}: .*; choose one of out$"):
        Recency(release=release).columns(COLUMNS)
