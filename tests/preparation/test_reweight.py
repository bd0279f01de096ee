"""Against the definition with dictionaries: sums of weights by group."""

import math
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.ops.importance import times
from recsys.preparation.reweight import Reweight
from recsys.types import Events, UserError

Make = Callable[..., Events]
COUNTRY = ["de", "fr", "de", None, "de", "fr"]
rows = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.sampled_from([0.0, 1.0])), min_size=1, max_size=40
)


@given(rows, st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from(["positives", "rows"]), st.booleans())
@settings(deadline=None, max_examples=120)
def test_a_group_of_sum_n_is_weighed_by_n_to_the_minus_power(
    make_events: Make, rows: list[tuple[int, int, float]], power: float, of: Any, weighted: bool
) -> None:
    before = [1.0 + 0.5 * (n % 3) if weighted else 1.0 for n in range(len(rows))]
    events = make_events(rows)
    if weighted:
        events = times(events, pl.Series(before))
    sums: dict[Any, float] = defaultdict(float)
    for (user, _, label), weight in zip(rows, before, strict=True):
        sums[COUNTRY[user]] += weight if label or of == "rows" else 0
    some = {group: total for group, total in sums.items() if total}
    scale = sum(some.values()) / sum(total ** (1 - power) for total in some.values()) if some else 1.0
    factor = {g: scale * some[g] ** -power if g in some else 1.0 for g in sums}
    wanted = [w * factor[COUNTRY[user]] for (user, _, _), w in zip(rows, before, strict=True)]
    done, _ = Reweight(column="country", power=power, of=of).apply(events)
    assert done.log["label.weight"].to_list() == pytest.approx(wanted, rel=1e-5)
    assert done.log["label.weight"].dtype == pl.Float32


def test_with_power_1_all_groups_weigh_the_same_and_the_sum_stays(make_events: Make) -> None:
    rows = [(0, 0, 1.0)] * 6 + [(1, 1, 1.0)] * 2 + [(3, 2, 1.0)] + [(1, 0, 0.0)] * 5
    done, notes = Reweight(column="country").apply(make_events(rows))
    weight = done.log["label.weight"].to_list()
    assert [math.fsum(weight[a:b]) for a, b in ((0, 6), (6, 8), (8, 9))] == pytest.approx([3, 3, 3])
    assert weight[9:] == pytest.approx([1.5] * 5)
    assert notes == ["rows of 3 groups of country are weighed by 0.5 to 3"]


@pytest.mark.parametrize(
    ("column", "found"), [("town", "no column of users"), ("age", "is declared as number")]
)
def test_a_column_that_makes_no_groups_is_refused(make_events: Make, column: str, found: str) -> None:
    with pytest.raises(
        UserError, match=rf"preparation\.reweight\.column={column}: {found}; choose among country"
    ):
        Reweight(column=column).apply(make_events([(0, 0, 1.0)]))
