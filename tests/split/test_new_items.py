"""Held-out items against a loop over rows, by draw and by when they appear."""

from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from recsys.recipes import needs_of
from recsys.split.new_items import NewItems
from recsys.types import Events, Split, UserError

Row = tuple[int, int, int, int]
Make = Callable[..., Events]
rows = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 8), st.integers(0, 30), st.integers(0, 1)),
    min_size=10,
    max_size=60,
)


def parts(split: Split) -> list[list[int]]:
    return [part.events.log["row"].to_list() for part in (split.train, split.valid, split.test)]


@given(rows, st.integers(0, 5))
@settings(deadline=None, max_examples=60)
def test_at_random_items_are_held_out_whole(events: Make, log: list[Row], seed: int) -> None:
    n = len({row[1] for row in log})
    sizes = [n - round(n * 0.5), round(n * 0.5) - round(n * 0.3), round(n * 0.3)]
    assume(all(sizes))
    found = parts(NewItems(valid=0.2, test=0.3, seed=seed).split(events(log)))
    assert sorted(row for part in found for row in part) == list(range(len(log)))
    items = [{log[row][1] for row in part} for part in found]
    assert [len(part) for part in items] == sizes
    assert not items[0] & items[1] | items[0] & items[2] | items[1] & items[2]


def slow(log: list[Row]) -> list[list[int]]:
    """Valid 0.2 and test 0.3 of the items, the last to appear, row by row."""
    appears: dict[int, int] = {}
    for _, item, time, _ in log:
        appears[item] = min(time, appears.get(item, time))
    ordered = sorted(appears.values())
    n = len(ordered)
    one, two = ordered[min(round(n * (1 - 0.2 - 0.3)), n - 1)], ordered[min(round(n * (1 - 0.3)), n - 1)]
    found: list[list[int]] = [[], [], []]
    for number, (_, item, time, _) in enumerate(log):
        if appears[item] >= two:
            found[2].append(number)
        elif appears[item] >= one:
            found[1].extend([number] if time < two else [])
        elif time < one:
            found[0].append(number)
    return found


@given(rows)
@settings(deadline=None, max_examples=150)
def test_by_time_the_items_that_appear_last_are_held_out(events: Make, log: list[Row]) -> None:
    expected = slow(log)
    assume(all(expected))
    split = NewItems(valid=0.2, test=0.3, by="time").split(events(log))
    found = parts(split)
    assert found == expected
    moments = [[log[row][2] for row in part] for part in found]
    assert max(moments[0]) < min(moments[1])
    assert max(moments[1]) < min(moments[2])
    items = [{log[row][1] for row in part} for part in found]
    assert not items[0] & items[1] | items[0] & items[2] | items[1] & items[2]
    assert split.notes[1].startswith(f"{len(log) - sum(len(part) for part in found)} rows")


def test_only_by_time_it_needs_and_promises_time(events: Make) -> None:
    assert not needs_of(NewItems())
    assert [need.what for need in needs_of(NewItems(by="time"))] == ["data.time"]
    assert NewItems().promises == {"new_items"}
    assert NewItems(by="time").promises == {"new_items", "time"}
    log = [(n % 4, n % 9, n, 1) for n in range(60)]
    assert len(NewItems().split(events(log, time=False)).notes) == 1


def test_items_that_all_appear_at_once_are_refused(events: Make) -> None:
    with pytest.raises(UserError, match="training part would have no rows"):
        NewItems(by="time").split(events([(0, n % 9, 5, 1) for n in range(30)]))
