"""By hand: a log of five impressions, and the mean of a beta distribution (scipy)."""

from dataclasses import replace

import pytest
import torch
from scipy import stats

from recsys.features.counters import Counters
from recsys.types import Columns, History, UserError

DAY = 86_400
COLUMNS = Columns(
    {"user_id": "id", "city": "category"},
    {"item_id": "id", "author": "category", "price": "number"},
    {"at": "time"},
    {"saved": "flag", "stars": "number", "note": "text"},
)


def log(cutoff: int = 10 * DAY) -> History:
    """User 0 is shown item 0 on days 1, 2 and 9, and clicks on day 2; user 1 clicks it on days 3 and 20."""
    return History(
        user=torch.tensor([0, 0, 1, 0, 1]),
        item=torch.zeros(5, dtype=torch.int64),
        time=DAY * torch.tensor([1, 2, 3, 9, 20]),
        label=torch.tensor([0.0, 1, 1, 0, 1]),
        n_users=2,
        n_items=1,
        cutoff=cutoff,
        impressions=True,
    )


def asked(feature: Counters, history: History, user: int, day: float) -> dict[str, float]:
    found = feature.answer(
        feature.index(history), "user", torch.tensor([user]), None, torch.tensor([int(day * DAY)])
    )
    return {name: values.item() for name, values in found.items()}


def test_an_event_as_old_as_the_window_counts_and_one_of_the_same_second_does_not() -> None:
    found = asked(Counters(windows=["1d", "7d", "all"]), log(), 0, day=9)
    assert [found[f"user_count_{window}"] for window in ("1d", "7d", "all")] == [0, 1, 2]
    assert asked(Counters(windows=["1d"]), log(), 0, day=10)["user_count_1d"] == 1


def test_a_rate_is_the_mean_of_the_beta_distribution_that_the_prior_becomes() -> None:
    found = asked(Counters(windows=["all"], strength=4), log(), 0, day=15)
    prior = 2 / 4
    assert found["user_positive_rate_all"] == pytest.approx(
        stats.beta(4 * prior + 1, 4 * (1 - prior) + 2).mean()
    )


def test_the_prior_is_the_share_of_what_came_before_the_moment() -> None:
    for day, prior in ((1, 0), (2, 0), (2.5, 1 / 2), (3.5, 2 / 3), (30, 3 / 5)):
        nobody = asked(Counters(windows=["all"]), log(), -1, day=day)
        assert nobody["user_positive_rate_all"] == pytest.approx(prior)


def test_names_are_of_entity_kind_and_window() -> None:
    feature = Counters(windows=["7d"], by=["item.author"], events=["saved"])
    assert [(column.name, column.side) for column in feature.columns(COLUMNS)] == [
        ("item.author_count_7d", "item"),
        ("item.author_positive_count_7d", "item"),
        ("item.author_positive_rate_7d", "item"),
        ("item.author_saved_count_7d", "item"),
        ("item.author_saved_rate_7d", "item"),
    ]


def test_without_rates_there_are_counts_alone() -> None:
    names = [column.name for column in Counters(windows=["1d"], by=["user"], rates=False).columns(COLUMNS)]
    assert names == ["user_count_1d", "user_positive_count_1d"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"windows": ["1x"]}, r"^features\.counters\.windows: '1x': no window; write"),
        ({"by": []}, r"^features\.counters\.by=\[\]: write one or more of user, user\.<column>, item"),
        ({"by": ["author"]}, r"^features\.counters\.by=\['author'\]: write one or more of"),
        ({"by": ["item."]}, r"^features\.counters\.by=\['item\.'\]: write one or more of"),
        ({"by": ["item.writer"]}, r"item\.writer is not declared; .*: item\.author$"),
        ({"by": ["item.price"]}, r"item\.price is of type number; groups are named by a category"),
        ({"by": ["user.user_id"]}, r"user\.user_id is of type id; .*: user\.city$"),
        (
            {"events": ["like"]},
            r"^features\.counters\.events: 'like' is no feedback .* there are saved, stars$",
        ),
        ({"events": ["note"]}, r"'note' is no feedback column that can be counted"),
    ],
)
def test_a_mistake_is_refused_before_data_is_read(arguments: dict[str, list[str]], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Counters(**arguments).columns(COLUMNS)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["events", "frame", "distinct", "ptr"])
def test_a_flag_may_be_called_like_anything(name: str) -> None:
    flags = {name: torch.tensor([1.0, 0, 0, 1, 0])}
    found = asked(Counters(events=[name], windows=["all"]), replace(log(), feedback=flags), 0, day=15)
    assert found[f"user_{name}_count_all"] == 2
    assert found["user_count_all"] == 3
