"""Held-out users against a loop over rows: whole users, in these shares, and by the seed alone."""

from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from recsys.split.new_users import NewUsers
from recsys.types import Events, UserError

Row = tuple[int, int, int, int]
Make = Callable[..., Events]
rows = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 4), st.integers(0, 12), st.integers(0, 1)),
    min_size=10,
    max_size=50,
)


@given(rows, st.integers(0, 5), st.sampled_from([(0.2, 0.3), (0.1, 0.5), (0.4, 0.2)]))
@settings(deadline=None, max_examples=100)
def test_users_are_held_out_whole_in_these_shares(
    events: Make, log: list[Row], seed: int, shares: tuple[float, float]
) -> None:
    valid, test = shares
    n = len({row[0] for row in log})
    sizes = [n - round(n * (valid + test)), round(n * (valid + test)) - round(n * test), round(n * test)]
    assume(all(sizes))
    split = NewUsers(valid=valid, test=test, seed=seed).split(events(log))
    found = [part.events.log["row"].to_list() for part in (split.train, split.valid, split.test)]
    assert sorted(row for part in found for row in part) == list(range(len(log)))
    users = [{log[row][0] for row in part} for part in found]
    assert [len(part) for part in users] == sizes
    for number, row in enumerate(log):
        assert [row[0] in part for part in users] == [number in part for part in found]
    assert f"{sizes[1]} validation and {sizes[2]} test users" in split.notes[0]


def test_the_draw_is_of_the_seed_and_not_of_the_order_of_the_log(events: Make) -> None:
    log = [(n % 9, n % 5, n, 1) for n in range(60)]

    def held(rows: list[Row], seed: int) -> set[int]:
        return set(NewUsers(valid=0.2, test=0.3, seed=seed).split(events(rows)).test.events.log["user"])

    assert held(log, 1) == held(log[::-1], 1)
    assert len({frozenset(held(log, seed)) for seed in range(8)}) > 1


def test_later_events_are_spoken_of_only_where_there_is_time(events: Make) -> None:
    log = [(n % 9, n % 5, n, 1) for n in range(60)]
    assert "later events of others" in NewUsers().split(events(log)).notes[1]
    assert len(NewUsers().split(events(log, time=False)).notes) == 1


def test_a_share_of_too_few_users_is_refused(events: Make) -> None:
    with pytest.raises(UserError, match="test part would have no rows of 6"):
        NewUsers().split(events([(n % 3, 0, n, 1) for n in range(6)]))
    with pytest.raises(UserError, match="above 0"):
        NewUsers(valid=0.0)
