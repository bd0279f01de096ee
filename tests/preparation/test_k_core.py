"""Against a loop that strikes out one user or item at a time."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.preparation.k_core import KCore
from recsys.types import Events, UserError

Row = tuple[int, int, float]
rows = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.sampled_from([0.0, 1.0, 3.0])), min_size=1, max_size=45
)
Make = Callable[..., Events]


def naive(rows: list[Row], k_users: int, k_items: int, of: str) -> tuple[set[int], set[int]]:
    """One at a time, until nobody has to go."""
    users, items = {row[0] for row in rows}, {row[1] for row in rows}
    while True:
        left = [r for r in rows if r[0] in users and r[1] in items and (of == "rows" or r[2] > 0)]
        by_user, by_item = Counter(r[0] for r in left), Counter(r[1] for r in left)
        few = [u for u in users if by_user[u] < max(k_users, 1)]
        rare = [i for i in items if by_item[i] < max(k_items, 1)]
        if few:
            users.discard(few[0])
        elif rare:
            items.discard(rare[0])
        else:
            return users, items


@given(rows, st.integers(0, 4), st.integers(0, 4), st.sampled_from(["positives", "rows"]))
@settings(deadline=None, max_examples=150)
def test_what_is_left_is_the_core(make_events: Make, rows: list[Row], users: int, items: int, of: Any) -> None:
    kept_users, kept_items = naive(rows, users, items, of)
    rule = KCore(users=users, items=items, of=of)
    if not kept_users:
        with pytest.raises(UserError, match=r"preparation\.k_core: no user is left with"):
            rule.apply(make_events(rows))
        return
    events = make_events(rows)
    kept, notes = rule.apply(events)
    assert kept.users["u"].to_list() == [f"user-{u}" for u in sorted(kept_users)]
    assert kept.items["i"].to_list() == [100 + i for i in sorted(kept_items)]
    wanted = [(f"user-{u}", 100 + i, label) for u, i, label in rows if u in kept_users and i in kept_items]
    named = [
        (kept.users["u"][row["user"]], kept.items["i"][row["item"]], row["label"])
        for row in kept.log.iter_rows(named=True)
    ]
    assert named == wanted
    assert kept.log.schema == events.log.schema
    left = f"{len(kept_users)} of 6 users, {len(kept_items)} of 6 items"
    assert notes == [f"{left} and {len(wanted)} of {len(rows)} rows are left"]


def test_leaving_out_goes_on_until_nothing_changes(make_events: Make) -> None:
    chain = [(u, i, 1.0) for u in range(2) for i in range(2)] + [(2, 1, 1.0), (2, 2, 1.0), (3, 2, 1.0)]
    kept, _ = KCore(users=2, items=2).apply(make_events(chain))
    assert kept.users["u"].to_list() == ["user-0", "user-1"]
    assert len(kept.log) == 4
