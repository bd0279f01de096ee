"""The angle between two points against the haversine formula in Python."""

import math

import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.encoders.sphere import Sphere

places = st.tuples(st.floats(-90, 90), st.floats(-180, 180)).map(list)


def geo(values: list[list[float] | None]) -> pl.Series:
    return pl.Series("c", values, dtype=pl.List(pl.Float64))


def angle(one: list[float], other: list[float]) -> float:
    (lat, lon), (lat2, lon2) = (map(math.radians, place) for place in (one, other))
    chord = math.sin((lat2 - lat) / 2) ** 2 + math.cos(lat) * math.cos(lat2) * math.sin((lon2 - lon) / 2) ** 2
    return 2 * math.asin(math.sqrt(min(chord, 1)))


@given(places, places)
@settings(deadline=None, max_examples=80)
def test_the_inner_product_is_the_cosine_of_the_distance(one: list[float], other: list[float]) -> None:
    a, b = Sphere().encode(geo([one, other]), {})
    assert float(a @ b) == pytest.approx(math.cos(angle(one, other)), abs=1e-6)
    assert float(a @ a) == pytest.approx(1, abs=1e-6)


def test_a_nearer_place_has_the_larger_product() -> None:
    berlin, potsdam, paris, sydney = Sphere().encode(
        geo([[52.52, 13.4], [52.39, 13.06], [48.86, 2.35], [-33.87, 151.21]]), {}
    )
    assert berlin @ potsdam > berlin @ paris > berlin @ sydney


def test_places_on_both_sides_of_the_date_line_are_near() -> None:
    one, other = Sphere().encode(geo([[0.0, 179.99], [0.0, -179.99]]), {})
    assert float(one @ other) == pytest.approx(1, abs=1e-6)


def test_a_missing_place_has_zeros() -> None:
    encoder = Sphere()
    encoded = encoder.encode(geo([None, [1.0, float("nan")]]), encoder.fit(geo([None])))
    assert encoded.tolist() == [[0.0] * 3] * 2
    assert torch.equal(encoder.module({}, 8)(encoded), encoded)
