"""Against a chain of comparisons in days, row by row."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.slices.elapsed import Elapsed
from recsys.types import Facts, HoldoutRows, UserError

DAY = 86_400
CUT = 1_700_000_000
Grouped = Callable[..., dict[str, dict[str, list[int]]]]


def said(seconds: int) -> str:
    if seconds < 0:
        return "before the cut-off"
    if seconds < DAY:
        return "under 1 day"
    if seconds < 7 * DAY:
        return "1-7 days"
    return "7-30 days" if seconds < 30 * DAY else "30 days or more"


@given(st.lists(st.integers(-3 * DAY, 40 * DAY) | st.sampled_from([0, -1, DAY, DAY - 1, 7 * DAY]), min_size=1))
@settings(deadline=None, max_examples=80)
def test_each_row_is_where_its_days_say(
    make_facts: Callable[..., Facts], make_rows: Callable[..., HoldoutRows], grouped: Grouped, since: list[int]
) -> None:
    rows = make_rows(len(since), [CUT + seconds for seconds in since])
    found = grouped(Elapsed(), make_facts([1], [1], cutoff=CUT), rows)["elapsed"]
    assert {row: name for name, members in found.items() for row in members} == dict(
        enumerate(map(said, since))
    )


def test_groups_are_in_the_order_of_time_and_own_edges_are_named() -> None:
    assert Elapsed().names[1:] == ("under 1 day", "1-7 days", "7-30 days", "30 days or more")
    assert Elapsed(edges=(0.5, 14)).names[1:] == ("under 0.5 days", "0.5-14 days", "14 days or more")
    assert Elapsed(edges=(1,)).names[1:] == ("under 1 day", "1 day or more")


@pytest.mark.parametrize("edges", [(), (7, 1), (1, 1)])
def test_edges_that_do_not_ascend_are_refused(edges: tuple[float, ...]) -> None:
    with pytest.raises(UserError, match=r"slices\.elapsed\.edges=.*ascending"):
        Elapsed(edges=edges)


def test_data_without_time_is_refused(
    make_facts: Callable[..., Facts], make_rows: Callable[..., HoldoutRows], grouped: Grouped
) -> None:
    assert [need.what for need in Elapsed.needs] == ["data.time"]
    with pytest.raises(UserError, match=r"slices\.elapsed: the data has no time"):
        grouped(Elapsed(), make_facts([1], [1]), make_rows(2))
