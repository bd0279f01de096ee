"""Rows of a matrix looked up in a Python dictionary."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys.encoders.precomputed import Precomputed
from recsys.types import UserError

IDS = ["i1", "i2", "i5"]
ROWS = np.array([[1.5, -2.0], [0.0, 4.0], [3.0, 3.0]])


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("rows.npy", ROWS)
    Path("ids.txt").write_text("\n".join(IDS))


@given(st.lists(st.none() | st.sampled_from(["i1", "i2", "i3", "i5", ""]), min_size=1, max_size=9))
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_id_has_its_row_and_others_zeros_and_a_mark(values: list[str | None]) -> None:
    encoder, known = Precomputed(path="rows.npy", ids="ids.txt"), dict(zip(IDS, ROWS.tolist(), strict=True))
    series = pl.Series("c", values, dtype=pl.String)
    state = encoder.fit(series)
    encoded = encoder.module(state, 64)(encoder.encode(series, state))
    assert encoded.tolist() == [[*known[v], 0.0] if v in known else [0.0, 0.0, 1.0] for v in values]
    missing = sum(v is not None and v not in known for v in values)
    assert [line.split()[1] for line in state["notes"]] == [str(missing)] * (missing > 0)


def test_parquet_gives_the_same() -> None:
    pl.DataFrame({"id": IDS, "v": ROWS.tolist()}).write_parquet("rows.parquet")
    values = pl.Series(["i5", "new", "i1"])
    one, other = Precomputed(path="rows.npy", ids="ids.txt"), Precomputed(path="rows.parquet")
    assert one.encode(values, {"width": 2}).tolist() == other.encode(values, {"width": 2}).tolist()
    assert (list(one.files), list(other.files)) == (["rows.npy", "ids.txt"], ["rows.parquet"])


def test_nothing_is_learnt() -> None:
    assert list(Precomputed(path="rows.npy", ids="ids.txt").module({"width": 2}, 8).parameters()) == []


def test_what_is_no_matrix_of_finite_numbers_is_refused() -> None:
    encoder = Precomputed(path="rows.npy", ids="ids.txt")
    for rows, message in (
        (ROWS[:, 0], r"rows\.npy has shape \[3\] of float64; a matrix of numbers"),
        (ROWS.astype(str), "of <U32; a matrix of numbers"),
        (np.where(ROWS == 3, np.nan, ROWS), r"1 of the 3 vectors of rows\.npy are not finite"),
    ):
        np.save("rows.npy", rows)
        with pytest.raises(UserError, match=message):
            encoder.fit(pl.Series(IDS))


def test_vectors_of_another_length_than_fitted_are_refused() -> None:
    with pytest.raises(UserError, match=r"shape \[3, 2\], and vectors of length 5 were fitted"):
        Precomputed(path="rows.npy", ids="ids.txt").encode(pl.Series(IDS), {"width": 5})
