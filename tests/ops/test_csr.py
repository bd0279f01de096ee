"""Independent source: Python sets."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.ops import csr

pairs = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 7)), max_size=40)


def of(pairs: list[tuple[int, int]]) -> csr.Csr:
    rows = torch.tensor([r for r, _ in pairs], dtype=torch.int64)
    cols = torch.tensor([c for _, c in pairs], dtype=torch.int64)
    return csr.from_pairs(rows, cols, 6)


def as_sets(lists: csr.Csr) -> list[list[int]]:
    return [lists.idx[a:b].tolist() for a, b in zip(lists.ptr[:-1], lists.ptr[1:], strict=True)]


@given(pairs)
@settings(deadline=None)
def test_each_row_holds_its_distinct_columns_in_order(pairs: list[tuple[int, int]]) -> None:
    assert as_sets(of(pairs)) == [sorted({c for r, c in pairs if r == row}) for row in range(6)]


@given(pairs, st.lists(st.integers(0, 5), max_size=8))
@settings(deadline=None)
def test_take_gives_the_rows_in_the_order_asked(pairs: list[tuple[int, int]], rows: list[int]) -> None:
    lists = of(pairs)
    taken = csr.take(lists, torch.tensor(rows, dtype=torch.int64))
    assert as_sets(taken) == [as_sets(lists)[row] for row in rows]


@given(pairs)
@settings(deadline=None)
def test_contains_answers_as_a_set_does(pairs: list[tuple[int, int]]) -> None:
    keys = csr.keys(of(pairs), 8)
    asked = torch.arange(48)
    assert csr.contains(keys, asked).tolist() == [(int(q) // 8, int(q) % 8) in set(pairs) for q in asked]
