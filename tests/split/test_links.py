"""Independent source: sets of unordered pairs in Python."""

from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from recsys.split.links import Links
from recsys.types import Events, UserError

Make = Callable[..., Events]
links = st.sets(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=8, max_size=40)


@given(links, st.integers(0, 5))
@settings(deadline=None, max_examples=60)
def test_no_held_out_link_is_in_train_in_either_direction(
    events: Make, found: set[tuple[int, int]], seed: int
) -> None:
    both = sorted(found | {(b, a) for a, b in found})
    pairs = {frozenset(link) for link in both}
    sizes = [round(len(pairs) * 0.5) - round(len(pairs) * 0.25), round(len(pairs) * 0.25)]
    assume(all(sizes))
    split = Links(valid=0.25, test=0.25, seed=seed).split(events([(a, b, 0, 1) for a, b in both], time=False))
    parts = [
        {frozenset(row) for row in part.events.log.select("user", "item").iter_rows()}
        for part in (split.train, split.valid, split.test)
    ]
    assert set.union(*parts) == pairs
    assert sum(len(part) for part in parts) == len(pairs)
    assert [len(part) for part in parts[1:]] == sizes
    assert sum(len(part.events.log) for part in (split.train, split.valid, split.test)) == len(both)


def test_too_few_links_are_refused(events: Make) -> None:
    with pytest.raises(UserError, match="part would have no rows of 2"):
        Links().split(events([(0, 1, 0, 1), (1, 0, 0, 1)], time=False))
