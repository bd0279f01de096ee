"""Where people and items are."""

import numpy as np

from recsys.data.simulation import vocabulary

EARTH_RADIUS = 6371.0
"""In km."""

SPREAD = 0.1
"""Standard deviation in degrees of homes around their city, about 11 km."""


def near_cities(rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
    """A random city each, `[size]`, and a place near it, `[size, 2]` in degrees."""
    city = rng.choice(len(vocabulary.CITY_WEIGHT), size, p=vocabulary.CITY_WEIGHT)
    return city, scatter(rng, vocabulary.CITY_LOCATION[city])


def scatter(rng: np.random.Generator, places: np.ndarray) -> np.ndarray:
    """A random place near each of the places, `[..., 2]` in degrees."""
    return places + rng.normal(0, SPREAD, places.shape)


def distance(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Distance in km between places, `[..., 2]` in degrees each; shapes broadcast (haversine formula)."""
    a, b = np.radians(one), np.radians(other)
    half = np.sin((a - b) / 2) ** 2
    chord = half[..., 0] + np.cos(a[..., 0]) * np.cos(b[..., 0]) * half[..., 1]
    return 2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.clip(chord, 0, 1)))
