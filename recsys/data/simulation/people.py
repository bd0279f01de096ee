"""Who is there: age, home, taste, activity and friends."""

from dataclasses import dataclass

import numpy as np

from recsys.data.simulation import vocabulary
from recsys.data.simulation.geography import distance, near_cities

FACTORS = 8
"""Length of the part of taste that no column tells."""

MEETINGS = 16
"""How many others a user meets for each friend that she picks; half of them of the own city."""


@dataclass(frozen=True)
class People:
    """The users.

    Attributes:
        age: `[U]` int64, years.
        city: `[U]` int64, index into the vocabulary's cities.
        location: `[U, 2]` latitude and longitude in degrees.
        device: `[U]` int64, the usual device.
        activity: `[U]` sessions a day, relative to a mean of 1.
        genres: `[U, G]` affinity to each genre, of variance 1.
        factors: `[U, F]` the part of taste that no column tells, of variance 1.
        friends: `[E, 2]` int64 pairs of friends, each in both orders, ascending.
    """

    age: np.ndarray
    city: np.ndarray
    location: np.ndarray
    device: np.ndarray
    activity: np.ndarray
    genres: np.ndarray
    factors: np.ndarray
    friends: np.ndarray


def draw_people(rng: np.random.Generator, size: int, friends: int) -> People:
    """Draw the users.

    Args:
        size: number of users.
        friends: others that each picks as friends.
    """
    age = np.clip(rng.gamma(6.0, 4.0, size) + 13, 16, 80).astype(np.int64)
    city, location = near_cities(rng, size)
    genres = _genre_affinity(rng, age, vocabulary.CITY_COUNTRY[city])
    factors = rng.standard_normal((size, FACTORS))
    activity = rng.gamma(2.0, 0.5, size)
    return People(
        age=age,
        city=city,
        location=location,
        device=rng.choice(len(vocabulary.DEVICES), size, p=vocabulary.DEVICE_WEIGHT),
        activity=activity / activity.mean(),
        genres=genres,
        factors=factors,
        friends=_befriend(rng, np.hstack([genres, factors]), city, location, friends),
    )


def _genre_affinity(rng: np.random.Generator, age: np.ndarray, country: np.ndarray) -> np.ndarray:
    """A quarter of the variance is the country's, a quarter the age's, a half the person's own."""
    n_genres = len(vocabulary.GENRES)
    years = (age[:, None] - 37) / 10
    of_country = rng.standard_normal((len(vocabulary.COUNTRIES), n_genres))[country]
    of_age = np.sin(0.8 * years + rng.uniform(0, 2 * np.pi, n_genres)) * np.sqrt(2)
    own = rng.standard_normal((len(age), n_genres))
    return 0.5 * of_country + 0.5 * of_age + np.sqrt(0.5) * own


def _befriend(
    rng: np.random.Generator, taste: np.ndarray, city: np.ndarray, location: np.ndarray, picks: int
) -> np.ndarray:
    """Each picks those who are most alike in taste and live nearest, with some luck; a pick befriends both."""
    half = (len(taste), picks * MEETINGS // 2)
    met = np.sort(np.hstack([_same_city(rng, city, half), rng.integers(len(taste), size=half)]), axis=1)
    direction = taste / np.linalg.norm(taste, axis=1, keepdims=True)
    alike = np.einsum("ud,ucd->uc", direction, direction[met])
    near = np.exp(-distance(location[:, None], location[met]) / 100)
    score = 4 * alike + 2 * near + rng.gumbel(size=met.shape)
    again = np.zeros(met.shape, bool)
    again[:, 1:] = met[:, 1:] == met[:, :-1]
    score[again | (met == np.arange(len(met))[:, None])] = -np.inf
    best = np.argsort(-score, axis=1)[:, :picks]
    one, rank = np.nonzero(np.take_along_axis(score, best, 1) > -np.inf)
    pairs = np.stack([one, met[one, best[one, rank]]], 1)
    return np.unique(np.concatenate([pairs, pairs[:, ::-1]]), axis=0)


def _same_city(rng: np.random.Generator, city: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Random users of each user's own city."""
    order = np.argsort(city, kind="stable")
    count = np.bincount(city, minlength=len(vocabulary.CITY_COUNTRY))
    first = np.cumsum(count) - count
    pick = rng.random(shape) * count[city][:, None]
    return order[first[city][:, None] + pick.astype(np.int64)]
