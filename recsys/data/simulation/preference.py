"""The truth: what everyone would make of every item."""

from dataclasses import dataclass

import numpy as np

from recsys.data.simulation.catalogue import Catalogue
from recsys.data.simulation.geography import distance
from recsys.data.simulation.people import FACTORS, People

NEARBY = 50.0
"""Distance in km at which the bonus for a local item has fallen to 1/e."""

BY_GENRE = 0.6
"""Share of the variance of taste that is affinity to genres; the rest is of the hidden factors."""


@dataclass(frozen=True)
class Truth:
    """What the log was drawn from, to check estimates against.

    Attributes:
        preference: `[U, I]` float32 utilities, in the index order of users and items; an examined item is
            clicked with probability `sigmoid(preference)`.
        examination: `[page]` float64, the probability that the item at position 1, 2, ... is looked at.
    """

    preference: np.ndarray
    examination: np.ndarray


def utility(
    people: People, items: Catalogue, *, offset: float, taste: float, quality: float, locality: float
) -> np.ndarray:
    """Utility = offset + taste · (genres + factors) + quality + locality · exp(-km / 50), `[U, I]` float32.

    Args:
        offset: in log odds of a click once examined.
        taste: standard deviation of the personal part.
        quality: standard deviation of the item's quality.
        locality: bonus of an item next door.
    """
    genres = items.genres / np.sqrt(items.genres.sum(1, keepdims=True))
    mine = np.hstack([np.sqrt(BY_GENRE) * people.genres, np.sqrt((1 - BY_GENRE) / FACTORS) * people.factors])
    offered = np.hstack([genres, items.factors])
    personal = (taste * mine).astype(np.float32) @ offered.astype(np.float32).T
    common = (offset + quality * items.quality).astype(np.float32)
    return personal + common + np.float32(locality) * _closeness(people, items)


def _closeness(people: People, items: Catalogue) -> np.ndarray:
    """How near each item is to each user, from 0 to 1, `[U, I]` float32; 0 is far, beyond 500 km."""
    near = np.zeros((len(people.age), len(items.author)), np.float32)
    for city in np.unique(people.city):
        rows = np.flatnonzero(people.city == city)
        cols = np.flatnonzero(distance(people.location[rows].mean(0), items.location) < 500)
        km = distance(people.location[rows, None], items.location[None, cols])
        near[np.ix_(rows, cols)] = np.exp(-km / NEARBY)
    return near


def examination(page: int, eta: float) -> np.ndarray:
    """P(examined | position) = position ** -eta, `[page]`."""
    return np.arange(1, page + 1, dtype=np.float64) ** -eta
