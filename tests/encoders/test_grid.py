"""Cells against a search over the edges of their bands, place by place; sizes by the haversine formula."""

import math

import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.encoders.grid import Grid

RADIUS = 6371.0088
latitudes, longitudes = st.integers(-90_000, 89_999), st.integers(-180_000, 179_999)
places = st.tuples(latitudes, longitudes).map(lambda place: [n / 1000 + 0.0003 for n in place])
"""Never on an edge, where rounding decides."""

lists = st.lists(st.none() | places, min_size=1, max_size=8)


def geo(values: list[list[float] | None]) -> pl.Series:
    return pl.Series("c", values, dtype=pl.List(pl.Float64))


def slow(place: list[float], km: float) -> tuple[int, int]:
    """The last band, and the last cell of it, that begins at or before the place."""
    bands = max(1, math.floor(math.pi * RADIUS / km))
    band = max(n for n in range(bands) if n == 0 or place[0] >= -90 + 180 * n / bands)
    around = 2 * math.pi * RADIUS * math.cos(math.radians(-90 + 180 * (band + 0.5) / bands))
    cells = max(1, math.floor(around / km))
    return band, max(n for n in range(cells) if n == 0 or place[1] >= -180 + 360 * n / cells)


@given(lists, lists, st.sampled_from([3000.0, 9000.0, 50_000.0]))
@settings(deadline=None, max_examples=60)
def test_places_share_a_row_where_they_share_a_cell(
    train: list[list[float] | None], other: list[list[float] | None], km: float
) -> None:
    encoder = Grid(km=km)
    state = encoder.fit(geo(train))
    known = sorted({slow(place, km) for place in train if place is not None})
    expected = []
    for place in other:
        cell = None if place is None else slow(place, km)
        expected.append(0 if cell is None else known.index(cell) + 2 if cell in known else 1)
    assert encoder.encode(geo(other), state).tolist() == expected
    assert sum(p.numel() for p in encoder.module(state, 5).parameters()) == (len(known) + 2) * 5


@pytest.mark.parametrize("latitude", [-89.0, -52.5, 0.1, 52.5, 80.0])
def test_a_cell_is_hardly_larger_than_asked_at_any_latitude(latitude: float) -> None:
    """Going east in steps of 0.1 km, a new cell begins every 10 km; near the pole it narrows by 4 %."""
    step = math.degrees(0.1 / (RADIUS * math.cos(math.radians(latitude))))
    places = geo([[latitude, n * step] for n in range(1000)])
    encoder = Grid(km=10)
    cells = encoder.encode(places, encoder.fit(places))
    starts = (cells.diff() != 0).nonzero().squeeze(1) * 0.1
    assert len(starts) >= 8
    assert float(starts.diff().min()) >= 9.5
    assert float(starts.diff().max()) <= 10.8


def test_what_is_no_place_is_missing() -> None:
    encoder = Grid()
    values = geo([[52.5, 13.4], [float("nan"), 13.4], [52.5], [91.0, 0.0], None, [52.5, float("inf")]])
    state = encoder.fit(values)
    assert len(state["cells"]) == 1
    assert encoder.encode(values, state).tolist() == [2, 0, 0, 0, 0, 0]
    array = pl.Series("c", [[52.5, 13.4], None], dtype=pl.Array(pl.Float64, 2))
    assert torch.equal(encoder.encode(array, state), torch.tensor([2, 0]))
