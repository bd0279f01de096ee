"""Against a list comprehension over counts."""

from collections.abc import Callable

import pytest

from recsys.slices.cold import Cold
from recsys.types import Facts

Grouped = Callable[..., dict[str, dict[str, list[int]]]]
USERS, ITEMS = [0, 4, 1, 0, 2], [3, 0, 1]


@pytest.mark.parametrize("below", [1, 2, 3])
def test_fewer_rows_than_the_bound_are_cold(
    make_facts: Callable[..., Facts], grouped: Grouped, below: int
) -> None:
    found = grouped(Cold(below=below), make_facts(USERS, ITEMS))
    for way, counts in (("user_cold", USERS), ("item_cold", ITEMS)):
        assert found[way]["cold"] == [place for place, count in enumerate(counts) if count < below]
        assert found[way]["warm"] == [place for place, count in enumerate(counts) if count >= below]


def test_where_nobody_is_cold_there_is_no_such_group(
    make_facts: Callable[..., Facts], grouped: Grouped
) -> None:
    assert grouped(Cold(), make_facts([1, 2], [1]))["user_cold"] == {"warm": [0, 1]}
