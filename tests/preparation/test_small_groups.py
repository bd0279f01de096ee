"""Against groups counted with a Counter."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.preparation.small_groups import SmallGroups
from recsys.types import Events, UserError

Make = Callable[..., Events]
people = st.lists(st.tuples(st.sampled_from(["de", "fr", None]), st.booleans()), min_size=6, max_size=6)


@given(people, st.integers(1, 4), st.sampled_from([("country",), ("country", "paid")]))
@settings(deadline=None)
def test_users_of_groups_that_are_large_enough_stay(
    make_events: Make, people: list[tuple[str | None, bool]], least: int, columns: tuple[str, ...]
) -> None:
    events = make_events([(u, i, 1.0) for u in range(6) for i in (u, 0)])
    country, paid = zip(*people, strict=True)
    users = events.users.with_columns(country=pl.Series(country, dtype=pl.String), paid=pl.Series(paid))
    events = replace(events, users=users)
    groups = [one[: len(columns)] for one in people]
    size = Counter(groups)
    stay = [u for u in range(6) if size[groups[u]] >= least]
    rule = SmallGroups(columns=columns, least=least)
    if not stay:
        with pytest.raises(UserError, match=f"no group of {', '.join(columns)} has {least} users"):
            rule.apply(events)
        return
    kept, notes = rule.apply(events)
    assert kept.users["u"].to_list() == [f"user-{u}" for u in stay]
    assert [kept.users["u"][u] for u in kept.log["user"]] == [f"user-{u}" for u in stay for _ in (0, 1)]
    assert kept.items.equals(events.items)
    gone = 6 - len(stay)
    assert notes == [f"{gone} users of groups with fewer than {least} are left out, with {2 * gone} rows"]


def test_a_missing_value_is_a_group(make_events: Make) -> None:
    kept, _ = SmallGroups(columns=["country"], least=2).apply(make_events([(3, 0, 1.0), (0, 0, 1.0)]))
    assert kept.users["country"].to_list() == ["de", "fr", "de", "de", "fr"]
    assert len(kept.log) == 1


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ([], "names no column"),
        (["town"], "town is no column of users; choose among country, paid, age"),
        (["friends"], "friends is declared as categories; choose among country, paid, age"),
    ],
)
def test_columns_that_make_no_groups_are_refused(make_events: Make, columns: list[str], message: str) -> None:
    with pytest.raises(UserError, match=rf"preparation\.small_groups\.columns: {message}"):
        SmallGroups(columns=columns).apply(make_events([(0, 0, 1.0)]))
