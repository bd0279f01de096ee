"""Buckets against BLAKE2b and the mixing done by hand in Python's integers."""

from hashlib import blake2b

import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.encoders.hashed import Hashed

texts = st.lists(st.none() | st.text(max_size=5), min_size=1, max_size=12)


def code(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") // 2


def signed(number: int) -> int:
    return (number + 2**63) % 2**64 - 2**63


def bucket(text: str | None, size: int, function: int) -> int:
    """The mixing of recsys.ops.hashing on unbounded integers wrapped to 64 bits."""
    if text is None:
        return 0
    first, second = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F
    mixed = signed((code(text) + 1) * first) ^ signed((function + 1) * second)
    for shift, factor in ((29, first), (32, second), (30, 1)):
        mixed = signed((mixed ^ (mixed >> shift)) * factor)
    return mixed % 2**62 % size + 1


@given(texts, st.integers(1, 50))
@settings(deadline=None, max_examples=60)
def test_a_value_has_the_bucket_of_its_text_and_a_missing_one_bucket_0(
    values: list[str | None], size: int
) -> None:
    encoder = Hashed(buckets=size)
    series = pl.Series("c", values, dtype=pl.String)
    assert encoder.encode(series, encoder.fit(series)).tolist() == [bucket(v, size, 0) for v in values]


def test_the_bucket_hangs_on_nothing_but_the_text() -> None:
    assert Hashed(buckets=1000).encode(pl.Series(["", "item-1", "ü"]), {}).tolist() == [
        bucket(text, 1000, 0) for text in ("", "item-1", "ü")
    ]
    assert blake2b(b"abc", digest_size=8).hexdigest() == "d8bb14d833d59559"


def test_training_values_make_no_difference_so_unseen_ones_are_hashed_alike() -> None:
    encoder = Hashed(buckets=20)
    some, other = pl.Series(["a", "b"]), pl.Series(["x", "y", None])
    assert encoder.fit(some) == encoder.fit(other) == {}
    assert encoder.encode(other, encoder.fit(some)).tolist() == [bucket(t, 20, 0) for t in ("x", "y", None)]


def test_numbers_are_hashed_as_their_text() -> None:
    encoder = Hashed(buckets=97)
    assert (
        encoder.encode(pl.Series([7, 12]), {}).tolist() == encoder.encode(pl.Series(["7", "12"]), {}).tolist()
    )


def test_values_spread_evenly_over_the_buckets() -> None:
    counts = torch.bincount(Hashed(buckets=10).encode(pl.Series(range(10_000)), {}), minlength=11)
    assert counts[0] == 0
    expected = 1000.0
    chi_squared = float(((counts[1:] - expected) ** 2 / expected).sum())
    assert chi_squared < 27.9, "the 0.1 % quantile of chi-squared with 9 degrees of freedom"


@pytest.mark.parametrize("buckets", [1, 7])
def test_the_table_has_a_row_for_each_bucket_and_one_for_missing_values(buckets: int) -> None:
    module = Hashed(buckets=buckets).module({}, 5)
    assert sum(p.numel() for p in module.parameters()) == (buckets + 1) * 5
    places = Hashed(buckets=buckets).encode(pl.Series(["a", None]), {})
    assert torch.equal(module(places), module.weight[places])
