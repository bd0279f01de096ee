"""Independent source: dictionaries of lists, one a page, filled row by row."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.sampling.page import Page
from recsys.types import TrainRows

MakeRows = Callable[..., TrainRows]

LOG = [  # user, item, second, label
    (4, 1, 900, 1.0),
    (4, 2, 900, 0.0),
    (0, 3, 900, 2.0),
    (4, 3, 901, 0.0),
    (4, 9, 900, 3.0),
    (0, 0, 100, 0.0),
]


def log(make_rows: MakeRows, entries: list[tuple[int, int, int, float]]) -> TrainRows:
    user, item, time, label = (torch.tensor(column) for column in zip(*entries, strict=True))
    plain = make_rows([(0, 0)] * len(entries))
    return replace(plain, user=user, item=item, time=time, label=label.float())


def test_rows_of_one_user_and_second_are_one_row(make_rows: MakeRows, generator: torch.Generator) -> None:
    slate = Page()(log(make_rows, LOG), generator)
    assert slate.user.tolist() == [4, 0, 4, 0]
    assert slate.time is not None
    assert slate.time.tolist() == [900, 900, 901, 100]
    assert slate.mask.sum(1).tolist() == [3, 1, 1, 1]
    assert slate.items[0].tolist() == [1, 2, 9]
    assert slate.labels[0].tolist() == [1.0, 0.0, 3.0]
    assert (slate.log_q, slate.weights) == (None, None)


@given(
    entries=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 9), st.integers(50, 53), st.sampled_from([0.0, 1.0, 2.0])),
        min_size=1,
        max_size=30,
    ),
    timed=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_every_row_is_a_cell_of_its_page_in_the_order_of_the_log(
    make_rows: MakeRows, entries: list[tuple[int, int, int, float]], timed: bool
) -> None:
    batch = log(make_rows, entries)
    batch = replace(batch, weight=torch.arange(1.0, len(entries) + 1), time=batch.time if timed else None)
    wanted: dict[tuple[int, int], list[tuple[int, float, float]]] = {}
    for n, (user, item, second, label) in enumerate(entries):
        wanted.setdefault((user, second if timed else 0), []).append((item, label, n + 1.0))
    slate = Page()(batch, torch.Generator())
    assert slate.user.tolist() == [user for user, _ in wanted]
    assert slate.weights is not None
    for row, cells in enumerate(wanted.values()):
        on = slate.mask[row]
        columns = (slate.items[row][on], slate.labels[row][on], slate.weights[row][on])
        assert list(zip(*(column.tolist() for column in columns), strict=True)) == cells
    assert int(slate.mask.sum()) == len(entries)
    assert slate.mask.shape[1] == max(map(len, wanted.values()))


def test_the_context_is_that_of_the_pages_first_row(make_rows: MakeRows, generator: torch.Generator) -> None:
    batch = replace(log(make_rows, LOG), context={"device": torch.arange(6) + 10})
    assert Page()(batch, generator).context["device"].tolist() == [10, 12, 13, 15]


@pytest.mark.parametrize("seconds", [1, 2**33])
def test_times_far_apart_do_not_run_into_other_users(
    make_rows: MakeRows, generator: torch.Generator, seconds: int
) -> None:
    slate = Page()(log(make_rows, [(0, 1, seconds, 1.0), (1, 2, 0, 0.0)]), generator)
    assert slate.mask.sum(1).tolist() == [1, 1]
