"""Places on the earth."""

import numpy as np
import polars as pl
import torch
from torch import Tensor

RADIUS_KM = 6371.0088
"""Mean radius of the earth (IUGG)."""

DEGREE_KM = RADIUS_KM * np.pi / 180
"""Length of a degree of latitude."""


def degrees(values: pl.Series) -> np.ndarray:
    """Latitude and longitude, `[N, 2]` float64; both NaN where one is missing, not finite, or off the globe.

    Args:
        values: Array or List(Float64) of latitude and longitude.
    """
    pairs = values.cast(pl.List(pl.Float64))
    columns = [pairs.list.get(at, null_on_oob=True).fill_null(float("nan")).to_numpy() for at in (0, 1)]
    places = np.stack(columns, 1)
    there = np.isfinite(places).all(1) & (np.abs(places[:, 0]) <= 90)
    return np.where(there[:, None], places, np.nan)


def haversine(one: Tensor, other: Tensor) -> Tensor:
    """Distance in km along the great circle, `[...]`, between places `[..., 2]` in degrees; NaN of a NaN.

    2 R arcsin sqrt(sin^2(dlat / 2) + cos(lat) cos(lat') sin^2(dlon / 2)).
    """
    a, b = torch.deg2rad(one), torch.deg2rad(other)
    half = ((a - b) / 2).sin().square()
    chord = half[..., 0] + a[..., 0].cos() * b[..., 0].cos() * half[..., 1]
    return 2 * RADIUS_KM * chord.clamp(0, 1).sqrt().asin()


def sphere(places: np.ndarray) -> np.ndarray:
    """Points on the unit sphere, `[N, 3]`, of latitude and longitude in degrees."""
    latitude, longitude = np.radians(places).T
    across = np.cos(latitude)
    return np.stack([across * np.cos(longitude), across * np.sin(longitude), np.sin(latitude)], 1)


def cells(places: np.ndarray, km: float) -> np.ndarray:
    """The number of each place's cell, `[N]` int64; -1 of a NaN.

    Bands of equal latitude, as many as make each at least `km` high, or one; each parted along its middle into
    as many cells of equal longitude as make each at least `km` wide, or one.
    """
    bands = max(1, int(180 * DEGREE_KM / km))
    latitude, longitude = np.nan_to_num(places).T
    band = np.minimum(((latitude + 90) / 180 * bands).astype(np.int64), bands - 1)
    middle = np.radians((band + 0.5) * 180 / bands - 90)
    columns = np.maximum(1, (360 * DEGREE_KM * np.cos(middle) / km).astype(np.int64))
    column = np.minimum((((longitude + 180) / 360 % 1) * columns).astype(np.int64), columns - 1)
    return np.where(np.isfinite(places).all(axis=1), band << 32 | column, -1)
