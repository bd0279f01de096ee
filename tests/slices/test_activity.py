"""Against numpy's quantiles on distinct counts, and cases worked by hand where counts are equal."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from recsys.slices.activity import Activity
from recsys.types import Facts

Grouped = Callable[..., dict[str, dict[str, list[int]]]]


def test_distinct_counts_are_parted_at_their_quartiles(
    make_facts: Callable[..., Facts], grouped: Grouped
) -> None:
    counts = (torch.randperm(120, generator=torch.Generator().manual_seed(0)) + 1).tolist()
    quarter = np.searchsorted(np.quantile(counts, [0.25, 0.5, 0.75]), counts).tolist()
    found: Any = grouped(Activity(), make_facts(counts, [1]))["user_activity"]
    expected = [[user for user, place in enumerate(quarter) if place == one] for one in range(4)]
    assert list(found.values()) == expected
    assert list(found) == ["1-30", "31-60", "61-90", "91-120"]


def test_users_without_a_row_stand_alone_and_equal_counts_stay_together(
    make_facts: Callable[..., Facts], grouped: Grouped
) -> None:
    facts = make_facts([0, 1, 1, 1, 1, 1, 2, 9, 0], [1])
    assert grouped(Activity(bins=4), facts)["user_activity"] == {
        "0": [0, 8],
        "1": [1, 2, 3, 4, 5],
        "2-9": [6, 7],
    }


def test_where_all_did_the_same_there_is_one_group(make_facts: Callable[..., Facts], grouped: Grouped) -> None:
    assert grouped(Activity(), make_facts([3, 3, 3], [1]))["user_activity"] == {"3": [0, 1, 2]}
