"""Against loops over the events, bisect, and numpy's stable lexsort."""

from bisect import bisect_left

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.ops import asof
from recsys.types import UserError

KEYS = 5
pairs = st.lists(st.tuples(st.integers(0, KEYS - 1), st.integers(100, 130)), max_size=30)
asks = st.lists(st.tuples(st.integers(-2, KEYS + 2), st.integers(60, 180)), min_size=1, max_size=20)


def arranged(events: list[tuple[int, int]], scale: int = 1) -> tuple[asof.Timeline, torch.Tensor]:
    """A timeline of KEYS keys; with a scale, of keys too far apart for 64 bits."""
    ordered = sorted(events, key=lambda event: event[1])
    key, time = (torch.tensor([event[at] for event in ordered], dtype=torch.int64) for at in (0, 1))
    return asof.arrange(key * scale, time, KEYS * scale)


SCALES = pytest.mark.parametrize("scale", [1, 2**60], ids=["keys as they are", "keys by place"])


@SCALES
@settings(deadline=None, max_examples=80)
@given(events=pairs)
def test_events_are_in_order_of_key_and_time_and_ties_as_they_were(
    scale: int, events: list[tuple[int, int]]
) -> None:
    timeline, order = arranged(events, scale)
    ordered = sorted(events, key=lambda event: event[1])
    expected = np.lexsort(([e[1] for e in ordered], [e[0] for e in ordered])) if ordered else []
    assert order.tolist() == list(expected)
    assert asof.seconds(timeline, torch.arange(len(order))).tolist() == [ordered[at][1] for at in order]
    assert (timeline.distinct is not None) == (scale > 1)


@SCALES
@settings(deadline=None, max_examples=120)
@given(events=pairs, asked=asks, window=st.sampled_from([1, 7, 40, 10**12, None]))
def test_it_counts_what_is_not_older_than_the_window_and_before_the_moment(
    scale: int, events: list[tuple[int, int]], asked: list[tuple[int, int]], window: int | None
) -> None:
    timeline, _ = arranged(events, scale)
    key, time = torch.tensor(asked, dtype=torch.int64).unbind(1)
    key = torch.where((key >= 0) & (key < KEYS), key * scale, -1)
    found = asof.ask(timeline, key, time)
    number = found.restore(found.now - asof.since(timeline, found, window)).tolist()
    least = -(10**15) if window is None else -window
    assert number == [sum(k == a and t + least <= b < t for a, b in events) for k, t in asked]


@SCALES
@settings(deadline=None, max_examples=80)
@given(events=pairs, asked=asks)
def test_the_last_events_are_those_that_bisect_finds(
    scale: int, events: list[tuple[int, int]], asked: list[tuple[int, int]]
) -> None:
    timeline, _ = arranged(events, scale)
    key, time = torch.tensor(asked, dtype=torch.int64).unbind(1)
    found = asof.ask(timeline, torch.where((key >= 0) & (key < KEYS), key * scale, -1), time)
    at, there = asof.last(found, 3)
    for (k, t), places, known in zip(asked, found.restore(at), found.restore(there), strict=True):
        of_key = sorted(b for a, b in events if a == k)
        expected = of_key[: bisect_left(of_key, t)][-3:]
        assert known.tolist() == [False] * (3 - len(expected)) + [True] * len(expected)
        assert asof.seconds(timeline, places[known]).tolist() == expected


def test_a_stored_timeline_answers_as_the_first_did() -> None:
    for scale in (1, 2**60):
        timeline, _ = arranged([(0, 100), (2, 101), (2, 130)], scale)
        again = asof.restore("it", asof.store("it", timeline))
        found = asof.ask(again, torch.tensor([2, 0]) * scale, torch.tensor([130, 140]))
        assert found.restore(found.now - found.first).tolist() == [1, 1]


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = torch.Generator().manual_seed(0)
    key = torch.randint(9, (1000,), generator=generator)
    time = torch.randint(500, (1000,), generator=generator).sort().values
    whole, order = asof.arrange(key, time, 9)
    monkeypatch.setattr(asof, "BLOCK", 7)
    parted, again = asof.arrange(key, time, 9)
    assert torch.equal(whole.events, parted.events)
    assert torch.equal(order, again)


def test_times_that_do_not_fit_are_refused_with_the_reason() -> None:
    time = torch.tensor([0, 2**62])
    with pytest.raises(UserError, match="do not fit 64 bits; is the time in seconds"):
        asof.arrange(torch.tensor([0, 1]), time, 2)


def test_times_before_1970_and_spans_over_32_bits_are_times_like_others() -> None:
    time = torch.tensor([-(2**33), -5, 0])
    timeline, _ = asof.arrange(torch.tensor([1, 0, 1]), time, 2)
    found = asof.ask(timeline, torch.tensor([1, 1, 1, 0]), torch.tensor([-(2**33), -1, 1, -5]))
    assert found.restore(found.now - found.first).tolist() == [0, 1, 2, 0]
