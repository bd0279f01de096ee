"""What there is to see: authors, genres, titles, places, times and quality of the items."""

from dataclasses import dataclass

import numpy as np

from recsys.data.simulation import vocabulary
from recsys.data.simulation.geography import near_cities, scatter
from recsys.data.simulation.people import FACTORS

DAY = 86_400
"""In seconds."""

START = 1_704_067_200
"""The first second of the log, 2024-01-01 00:00 UTC."""

BACKLOG = 90
"""Days before the start in which the items of the backlog were published."""


@dataclass(frozen=True)
class Catalogue:
    """The items.

    Attributes:
        author: `[I]` int64.
        genres: `[I, G]` bool, one to three each.
        text: a title each.
        location: `[I, 2]` latitude and longitude in degrees.
        published: `[I]` int64, seconds since 1970 UTC.
        quality: `[I]` of variance 1, part of it the author's.
        factors: `[I, F]` what the item offers to taste that no column tells, of variance 1.
    """

    author: np.ndarray
    genres: np.ndarray
    text: list[str]
    location: np.ndarray
    published: np.ndarray
    quality: np.ndarray
    factors: np.ndarray


def draw_catalogue(rng: np.random.Generator, size: int, authors: int, fresh: int, days: int) -> Catalogue:
    """Draw the items.

    Args:
        size: number of items.
        authors: number of authors; an author with few items may have none.
        fresh: how many items are published while the log runs, the others before.
        days: length of the log.
    """
    author = rng.choice(authors, size, p=_productivity(rng, authors))
    likes = rng.normal(0, 2, (authors, len(vocabulary.GENRES)))
    city, _ = near_cities(rng, authors)
    genres = _genres(rng, likes[author])
    skill = rng.standard_normal((2, authors))
    style = rng.standard_normal((authors, FACTORS))
    own = rng.standard_normal((size, FACTORS))
    return Catalogue(
        author=author,
        genres=genres,
        text=_titles(rng, genres),
        location=scatter(rng, vocabulary.CITY_LOCATION[city[author]]),
        published=_published(rng, size, fresh, days),
        quality=np.sqrt(0.5) * (skill[0, author] + rng.standard_normal(size)),
        factors=np.sqrt(0.7) * style[author] + np.sqrt(0.3) * own,
    )


def _productivity(rng: np.random.Generator, authors: int) -> np.ndarray:
    weight = rng.gamma(1.0, 1.0, authors) + 0.1
    return weight / weight.sum()


def _genres(rng: np.random.Generator, likes: np.ndarray) -> np.ndarray:
    """One to three genres an item, drawn by what its author likes; `[I, G]` bool."""
    number = rng.choice([1, 2, 3], len(likes), p=[0.4, 0.4, 0.2])
    score = likes + rng.gumbel(size=likes.shape)
    rank = np.argsort(np.argsort(-score, axis=1), axis=1)
    return rank < number[:, None]


def _titles(rng: np.random.Generator, genres: np.ndarray) -> list[str]:
    """Four to nine words an item, three quarters of them of its genres."""
    size, longest = len(genres), 9
    length = rng.integers(4, longest + 1, size)
    luck = rng.random((size, longest, len(vocabulary.GENRES))) * genres[:, None]
    words = vocabulary.GENRE_WORDS[luck.argmax(2), rng.integers(8, size=(size, longest))]
    common = rng.choice(vocabulary.COMMON_WORDS, (size, longest))
    words = np.where(rng.random((size, longest)) < 0.75, words, common)
    return [" ".join(row[:n]).capitalize() for row, n in zip(words.tolist(), length, strict=True)]


def _published(rng: np.random.Generator, size: int, fresh: int, days: int) -> np.ndarray:
    """Publication times; which items are the fresh ones is random."""
    day = rng.uniform(-BACKLOG, 0, size)
    late = rng.permutation(size)[:fresh]
    day[late] = rng.uniform(0, days, fresh)
    return START + np.floor(day * DAY).astype(np.int64)
