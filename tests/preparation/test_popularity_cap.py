"""Against the largest number that keeps to the share, tried one by one."""

from collections import Counter
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.ops.importance import times
from recsys.preparation.popularity_cap import PopularityCap
from recsys.types import Events, UserError

Make = Callable[..., Events]
rows = st.lists(
    st.tuples(
        st.integers(0, 5), st.sampled_from([0, 0, 0, 0, 1, 1, 2, 3, 4, 5]), st.sampled_from([0.0, 1.0, 2.0])
    ),
    min_size=1,
    max_size=60,
)


def slow(counts: Counter[int], share: Fraction) -> int:
    fitting = [
        m for m in range(1, max(counts.values()) + 1) if m <= share * sum(min(c, m) for c in counts.values())
    ]
    return max(fitting, default=0)


@given(rows, st.sampled_from([Fraction(1, 4), Fraction(1, 3), Fraction(1, 2), Fraction(3, 4)]))
@settings(deadline=None, max_examples=150)
def test_as_many_rows_of_an_item_count_as_the_share_allows(
    make_events: Make, rows: list[tuple[int, int, float]], share: Fraction
) -> None:
    counts = Counter(item for _, item, label in rows if label > 0)
    most = slow(counts, share) if counts else 0
    rule = PopularityCap(share=float(share))
    if not most:
        with pytest.raises(UserError, match=rf"share={float(share):g}: {len(counts)} items have a positive"):
            rule.apply(make_events(rows))
        return
    events = make_events(rows)
    capped, notes = rule.apply(events)
    assert capped.log.drop("label.weight").equals(events.log)
    weights = capped.log["label.weight"].to_list()
    assert set(weights) <= {0.0, 1.0}
    assert all(w == 1 for w, (_, _, label) in zip(weights, rows, strict=True) if not label)
    left = Counter(item for w, (_, item, label) in zip(weights, rows, strict=True) if label and w)
    assert left == {item: min(count, most) for item, count in counts.items()}
    gone = sum(counts.values()) - sum(left.values())
    assert notes == [
        f"at most {most} positive training rows of an item count, {gone} of {sum(counts.values())} do not"
    ]


def test_rows_are_drawn_at_random_by_the_seed(make_events: Make) -> None:
    rows = [(0, 0, 1.0)] * 40 + [(0, item, 1.0) for item in range(1, 6)] * 4
    one, again, other = (
        PopularityCap(share=0.2, seed=seed).apply(make_events(rows))[0].log["label.weight"]
        for seed in (1, 1, 2)
    )
    assert one.equals(again)
    assert not one.equals(other)
    assert one[:40].sum() == 5
    assert one[:5].sum() < 5


def test_rows_that_do_not_count_already_are_not_counted(make_events: Make) -> None:
    events = make_events([(0, 0, 1.0)] * 6 + [(0, 1, 1.0)] * 2)
    from polars import Series

    events = times(events, Series([0, 0, 3, 3, 0, 0, 1, 1]))
    capped, _ = PopularityCap(share=0.5).apply(events)
    assert capped.log["label.weight"].to_list() == [0, 0, 3, 3, 0, 0, 1, 1]
