"""Each encoder against a slow, obvious version, with unseen and missing values."""

import math
import statistics

import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.encoders.bag import Bag
from recsys.encoders.embedding import Embedding
from recsys.encoders.one_hot import OneHot
from recsys.encoders.quantile_bins import QuantileBins
from recsys.encoders.standardize import Standardize
from recsys.types import UserError

words = st.lists(st.none() | st.sampled_from("abcdef"), min_size=1, max_size=12)
numbers = st.lists(st.none() | st.floats(-1e3, 1e3, width=32), min_size=1, max_size=20)


def text(values: list[str | None]) -> pl.Series:
    return pl.Series("c", values, dtype=pl.String)


@given(words, words)
@settings(deadline=None, max_examples=50)
def test_a_value_is_its_place_among_the_sorted_training_values(
    train: list[str | None], other: list[str | None]
) -> None:
    encoder = Embedding()
    state = encoder.fit(text(train))
    known = sorted({v for v in train if v is not None})
    assert state == {"values": known}
    expected = [known.index(v) + 1 if v in known else 0 for v in other]
    assert encoder.encode(text(other), state).tolist() == expected


@given(words)
@settings(deadline=None, max_examples=30)
def test_fitting_does_not_depend_on_the_order_of_rows(train: list[str | None]) -> None:
    assert Embedding().fit(text(train)) == Embedding().fit(text(train[::-1]))


def test_an_embedding_takes_the_models_size_unless_it_has_its_own() -> None:
    state = {"values": ["a", "b"]}
    assert Embedding().module(state, 5)(torch.tensor([[0, 2]])).shape == (1, 2, 5)
    module = Embedding(dim=3).module(state, 5)
    assert module.width == 3
    assert module.weight.shape == (3, 3)


def test_ids_may_be_numbers_and_flags_truth_values() -> None:
    for values, unseen in (([30, 10, 20], 99), ([True, False, True], None)):
        state = Embedding().fit(pl.Series("c", values))
        places = Embedding().encode(pl.Series("c", [*sorted(set(values)), unseen]), state).tolist()
        assert places == [*range(1, len(set(values)) + 1), 0]


@given(words, words)
@settings(deadline=None, max_examples=30)
def test_one_hot_has_a_slot_for_each_value_and_one_for_the_rest(
    train: list[str | None], other: list[str | None]
) -> None:
    encoder = OneHot()
    state = encoder.fit(text(train))
    module = encoder.module(state, 7)
    vectors = module(encoder.encode(text(other), state))
    known = sorted({v for v in train if v is not None})
    assert module.width == len(known) + 1
    for vector, value in zip(vectors.tolist(), other, strict=True):
        slot = known.index(value) + 1 if value in known else 0
        assert vector == [float(place == slot) for place in range(len(known) + 1)]


def test_one_hot_refuses_a_column_with_too_many_values() -> None:
    with pytest.raises(UserError, match="'c' has 3 values, more than max_values=2"):
        OneHot(max_values=2).fit(text(["a", "b", "c"]))


lists = st.lists(st.lists(st.sampled_from("abcdxyz"), max_size=4), min_size=1, max_size=6)


@pytest.mark.parametrize("pooling", ["mean", "sum"])
@given(lists)
@settings(deadline=None, max_examples=40)
def test_a_bag_pools_the_vectors_of_known_values(pooling: str, other: list[list[str]]) -> None:
    encoder = Bag(pooling=pooling)  # type: ignore[arg-type]
    state = encoder.fit(pl.Series("c", [["a", "b"], ["c", "d"], []], dtype=pl.List(pl.String)))
    assert state == {"values": ["a", "b", "c", "d"]}
    module = encoder.module(state, 3)
    vectors = module(encoder.encode(pl.Series("c", other, dtype=pl.List(pl.String)), state))
    for vector, values in zip(vectors, other, strict=True):
        known = [module.table.weight["abcd".index(v) + 1] for v in values if v in "abcd"]
        expected = sum(known) if known else torch.zeros(3)
        if known and pooling == "mean":
            expected = expected / len(known)
        assert torch.allclose(vector, expected, atol=1e-6)


def test_a_bag_is_the_multi_hot_code_times_the_table_and_takes_missing_lists() -> None:
    encoder = Bag(pooling="sum")
    values = pl.Series("c", [["a", "c"], None, ["b"]], dtype=pl.List(pl.String))
    state = encoder.fit(values)
    module = encoder.module(state, 4)
    hot = torch.tensor([[0.0, 1, 0, 1], [0, 0, 0, 0], [0, 0, 1, 0]])
    assert torch.allclose(module(encoder.encode(values, state)), hot @ module.table.weight, atol=1e-6)


@given(numbers, numbers)
@settings(deadline=None, max_examples=50)
def test_standardize_is_the_formula_and_marks_missing_values(
    train: list[float | None], other: list[float | None]
) -> None:
    encoder = Standardize()
    state = encoder.fit(pl.Series("c", train, dtype=pl.Float64))
    there = [v for v in train if v is not None]
    mean = statistics.fmean(there) if there else 0.0
    std = statistics.pstdev(there) if there else 1.0
    std = std if std > 1e-6 else 1.0
    if 0 < (state["std"] if state["std"] != 1.0 else 0) < 1e-5:
        return
    encoded = encoder.encode(pl.Series("c", other, dtype=pl.Float64), state)
    for (value, mark), given_ in zip(encoded.tolist(), other, strict=True):
        assert mark == float(given_ is None)
        expected = 0.0 if given_ is None else (given_ - mean) / std
        assert math.isclose(value, expected, rel_tol=1e-4, abs_tol=1e-4)


@pytest.mark.parametrize("constant", [3.0, 0.1, 19.99])
def test_a_constant_column_is_only_centred(constant: float) -> None:
    encoder = Standardize()
    state = encoder.fit(pl.Series("c", [constant] * 22))
    encoded = encoder.encode(pl.Series("c", [constant, constant + 2]), state)[:, 0].tolist()
    assert encoded == pytest.approx([0.0, 2.0])


@given(numbers, numbers, st.integers(2, 6))
@settings(deadline=None, max_examples=50)
def test_a_bin_counts_the_edges_at_or_below_the_value(
    train: list[float | None], other: list[float | None], bins: int
) -> None:
    encoder = QuantileBins(bins=bins)
    state = encoder.fit(pl.Series("c", train, dtype=pl.Float64))
    encoded = encoder.encode(pl.Series("c", other, dtype=pl.Float64), state).tolist()
    expected = [0 if v is None else 1 + sum(edge <= v for edge in state["edges"]) for v in other]
    assert encoded == expected
    assert encoder.module(state, 4)(torch.tensor(encoded)).shape == (len(other), 4)


def test_quantile_bins_hold_equal_shares_of_the_training_values() -> None:
    encoder = QuantileBins(bins=4)
    values = pl.Series("c", [float(v) for v in range(100)])
    encoded = encoder.encode(values, encoder.fit(values))
    assert torch.bincount(encoded).tolist() == [0, 25, 25, 25, 25]
