"""Against a slow walk over the sorted items, and a catalogue worked by hand."""

from collections import defaultdict
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.slices.popularity import Popularity
from recsys.types import Facts

Make = Callable[..., Facts]
Grouped = Callable[..., dict[str, dict[str, list[int]]]]


def walked(counts: list[int], bins: int, by: str) -> list[list[int]]:
    """Items of equal count are put, together, where the middle of what they weigh falls."""
    total = sum((count if by == "events" else 1) for count in counts if count)
    groups, before = defaultdict(list), 0
    for count in sorted(set(counts) - {0}):
        items = [item for item, other in enumerate(counts) if other == count]
        own = len(items) * (count if by == "events" else 1)
        groups[(2 * before + own) * bins // (2 * total)] += items
        before += own
    unseen = [item for item, count in enumerate(counts) if not count]
    return ([unseen] if unseen else []) + [sorted(groups[place]) for place in sorted(groups)]


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=40),
    st.integers(1, 12),
    st.sampled_from(["items", "events"]),
)
@settings(deadline=None, max_examples=100)
def test_the_groups_are_those_of_a_walk_over_the_sorted_items(
    make_facts: Make, grouped: Grouped, counts: list[int], bins: int, by: str
) -> None:
    found = grouped(Popularity(bins=bins, by=by), make_facts([1], counts))  # type: ignore[arg-type]
    assert list(found["item_popularity"].values()) == walked(counts, bins, by)


def test_deciles_hold_a_tenth_of_the_seen_items_each(make_facts: Make, grouped: Grouped) -> None:
    counts = [*range(1, 101), 0, 0, 0]
    found = grouped(Popularity(), make_facts([1], counts))["item_popularity"]
    assert [len(items) for items in found.values()] == [3, *[10] * 10]
    assert list(found)[:3] == ["0", "1-10", "11-20"]
    assert found["0"] == [100, 101, 102]


def test_by_events_the_head_is_few_items_with_as_many_events_as_the_tail(
    make_facts: Make, grouped: Grouped
) -> None:
    counts = [50, 25, 24, *[1, 2] * 17]
    found = grouped(Popularity(bins=2, by="events"), make_facts([1], counts))["item_popularity"]
    assert [sum(counts[item] for item in items) for items in found.values()] == [75, 75]
    assert (list(found), found["25-50"]) == (["1-24", "25-50"], [0, 1])
    three = grouped(Popularity(bins=3, by="events"), make_facts([1], counts))["item_popularity"]
    assert list(three) == ["1-2", "24-25", "50"]


@pytest.mark.parametrize("bins", [1, 10])
def test_bins_are_never_more_than_distinct_counts(make_facts: Make, grouped: Grouped, bins: int) -> None:
    counts = torch.randint(1, 4, (500,), generator=torch.Generator().manual_seed(1)).tolist()
    found = grouped(Popularity(bins=bins), make_facts([1], counts))["item_popularity"]
    assert list(found) == (["1-3"] if bins == 1 else ["1", "2", "3"])
