"""Quantile bins against numpy's quantiles and what bins must be; names against ranges written by hand."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.ops import binning

numbers = st.lists(st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 2)), min_size=1, max_size=60)
few = st.lists(st.integers(0, 6), min_size=1, max_size=60)


@given(few | numbers, st.integers(1, 12))
@settings(deadline=None, max_examples=150)
def test_bins_ascend_without_gaps_and_never_part_equal_values(values: list[float], bins: int) -> None:
    found = binning.quantile_bins(torch.tensor(values, dtype=torch.float64), bins).tolist()
    assert len(found) == len(values)
    assert set(found) == set(range(max(found) + 1))
    assert max(found) < min(bins, len(set(values)))
    by_value = sorted(zip(values, found, strict=True))
    assert [bin_ for _, bin_ in by_value] == sorted(found)
    assert len(set(by_value)) == len(set(values))


@given(st.sets(st.integers(-(10**6), 10**6), min_size=1, max_size=80), st.integers(1, 12))
@settings(deadline=None, max_examples=100)
def test_of_distinct_values_each_bin_has_its_share_up_to_one(values: set[int], bins: int) -> None:
    found = binning.quantile_bins(torch.tensor(list(values)), bins)
    sizes = torch.bincount(found).tolist()
    n = len(values)
    assert len(sizes) == min(bins, n)
    assert all(n // bins <= size <= -(-n // bins) for size in sizes)


@given(st.integers(1, 10), st.integers(1, 12), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=60)
def test_distinct_values_are_parted_at_their_quantiles(bins: int, each: int, random: object) -> None:
    values = list(range(bins * each))
    random.shuffle(values)  # type: ignore[attr-defined]
    edges = np.quantile(values, [place / bins for place in range(1, bins)])
    expected = np.searchsorted(edges, values).tolist()
    assert binning.quantile_bins(torch.tensor(values), bins).tolist() == expected


@given(st.sets(st.integers(1, 50), min_size=1, max_size=20), st.integers(1, 6))
@settings(deadline=None, max_examples=60)
def test_weights_count_like_repeated_values(values: set[int], bins: int) -> None:
    once = torch.tensor(sorted(values))
    repeated = binning.quantile_bins(once.repeat_interleave(once), bins)
    assert torch.equal(binning.quantile_bins(once, bins, once).repeat_interleave(once), repeated)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ([18, 20, 25, 26, 30, 40], ("18-25", "26-40")),
        ([0.5, 1.2, 3.25, 8.125], ("0.5-1.2", "3.25-8.12")),
        ([1 / 3, 2 / 3, 1, 4 / 3], ("0.333-0.667", "1-1.33")),
        ([1234.56, 1300.5, 123456.7, 200000.1], ("1235-1300", "123457-200000")),
        ([-5, -1, 0, 7], ("-5 to -1", "0-7")),
        ([2, 2, 2, 2, 9], ("2", "9")),
        ([1.00001, 1.00002, 1.00003, 1.00004], ("1.00001-1.00002", "1.00003-1.00004")),
        ([1e-7, 2e-7, 1.0, 2.0], ("1e-07 to 2e-07", "1-2")),
        ([float("-inf"), 0, 1, float("inf")], ("-inf to 0", "1 to inf")),
    ],
)
def test_names_of_numbers_are_short_and_tell_the_bins_apart(
    values: list[float], names: tuple[str, ...]
) -> None:
    tensor = torch.tensor(values, dtype=torch.float64)
    assert binning.of_numbers(tensor, 2, binning.shown_number)[1] == names


@given(numbers, st.integers(1, 12))
@settings(deadline=None, max_examples=100)
def test_names_of_bins_are_always_distinct(values: list[float], bins: int) -> None:
    for show in (binning.shown_number, binning.shown_time):
        of, names = binning.of_numbers(torch.tensor(values, dtype=torch.float64), bins, show)
        assert len(set(names)) == len(names) == int(of.max()) + 1


def test_names_of_times_are_dates_and_as_fine_as_needed() -> None:
    day, hour = 86_400.0, 3_600.0

    def names(*seconds: float) -> tuple[str, ...]:
        return binning.of_numbers(torch.tensor(seconds, dtype=torch.float64), 2, binning.shown_time)[1]

    assert names(0, day, 365 * day, 366 * day) == ("1970-01-01 to 1970-01-02", "1971-01-01 to 1971-01-02")
    assert names(hour, 2 * hour) == ("1970-01-01 01:00", "1970-01-01 02:00")
    assert names(1, 2) == ("1970-01-01 00:00:01", "1970-01-01 00:00:02")
    assert names(-day, 1e14)[0] == "1969-12-31"


def test_missing_numbers_are_the_last_group_and_nothing_is_no_group() -> None:
    nan = float("nan")
    of, names = binning.of_numbers(torch.tensor([nan, 2.0, nan, 1.0]).double(), 2, binning.shown_number)
    assert (of.tolist(), names) == ([2, 1, 2, 0], ("1", "2", "missing"))
    of, names = binning.of_numbers(torch.tensor([nan]).double(), 2, binning.shown_number)
    assert (of.tolist(), names) == ([0], ("missing",))
    assert binning.of_numbers(torch.zeros(0).double(), 2, binning.shown_number)[1] == ()


def test_groups_that_nothing_is_in_are_left_out() -> None:
    of, names = binning.compact(torch.tensor([3, 1, 3]), ("a", "b", "c", "d"))
    assert (of.tolist(), names) == ([1, 0, 1], ("b", "d"))
