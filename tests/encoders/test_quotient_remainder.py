"""Complementary partitions against divmod and a Python loop."""

import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.encoders.quotient_remainder import QuotientRemainder
from recsys.nn.tables import Operation, TwoTables

words = st.lists(st.none() | st.sampled_from("abcdefghijk"), min_size=1, max_size=20)


def text(values: list[str | None]) -> pl.Series:
    return pl.Series("c", values, dtype=pl.String)


@pytest.mark.parametrize("operation", ["product", "sum", "concat"])
@given(words, words, st.integers(1, 15))
@settings(deadline=None, max_examples=30)
def test_a_vector_is_made_of_the_rows_of_quotient_and_remainder(
    operation: str, train: list[str | None], other: list[str | None], collisions: int
) -> None:
    encoder = QuotientRemainder(collisions=collisions, operation=operation)  # type: ignore[arg-type]
    state = encoder.fit(text(train))
    known = sorted({v for v in train if v is not None})
    places, module = encoder.encode(text(other), state), encoder.module(state, 4)
    first, second = (table.weight for table in module.tables)
    for pair, vector, value in zip(places.tolist(), module(places), other, strict=True):
        expected = [0, 0]
        if value in known:
            expected = [part + 1 for part in divmod(known.index(value), collisions)]
        assert pair == expected
        a, b = first[pair[0]], second[pair[1]]
        together = {"product": a * b, "sum": a + b}.get(operation) if operation != "concat" else None
        assert torch.equal(vector, torch.cat([a, b]) if together is None else together)


@given(words, st.integers(1, 15))
@settings(deadline=None, max_examples=30)
def test_no_two_training_values_share_both_rows(train: list[str | None], collisions: int) -> None:
    encoder = QuotientRemainder(collisions=collisions)
    known = sorted({v for v in train if v is not None})
    pairs = encoder.encode(text([*known, None]), encoder.fit(text(train))).tolist()
    assert len({tuple(pair) for pair in pairs}) == len(known) + 1


def test_it_needs_n_over_m_and_m_rows_and_one_more_of_each() -> None:
    encoder = QuotientRemainder(collisions=4)
    values = pl.Series(range(10))
    module = encoder.module(encoder.fit(values), 8)
    assert sum(p.numel() for p in module.parameters()) == (3 + 1 + 4 + 1) * 8


@pytest.mark.parametrize("operation", ["product", "sum", "concat"])
def test_vectors_start_with_the_standard_deviation_asked_for(operation: str) -> None:
    torch.manual_seed(0)
    encoder = QuotientRemainder(collisions=30, operation=operation, init_std=0.2)  # type: ignore[arg-type]
    values = pl.Series(range(900))
    state = encoder.fit(values)
    assert encoder.module(state, 64)(encoder.encode(values, state)).std().item() == pytest.approx(0.2, rel=0.1)


@pytest.mark.parametrize("operation", ["sum", "product", "concat"])
def test_vectors_of_width_1_differ_too(operation: Operation) -> None:
    torch.manual_seed(0)
    module = TwoTables((3, 5), 1, operation, 1.0)
    places = torch.cartesian_prod(torch.arange(3), torch.arange(5))
    assert len(module(places).unique()) == 15
