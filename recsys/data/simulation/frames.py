"""From arrays to the frames of a data source."""

import numpy as np
import polars as pl

from recsys.data.simulation import vocabulary
from recsys.data.simulation.catalogue import Catalogue
from recsys.data.simulation.people import People


def user_frame(people: People) -> pl.DataFrame:
    """One row a user; friends as a list of user ids, which may be empty."""
    keys = _keys("u", len(people.age))
    one, other = people.friends.T
    friends = np.split(other, np.searchsorted(one, np.arange(1, len(keys))))
    return pl.DataFrame(
        {
            "user_id": keys,
            "age": people.age,
            "country": _names(vocabulary.COUNTRIES, vocabulary.CITY_COUNTRY[people.city]),
            "location": pl.Series(people.location, dtype=pl.Array(pl.Float64, 2)),
            "friends": pl.Series([keys.gather(idx).to_list() for idx in friends], dtype=pl.List(pl.String)),
        }
    )


def item_frame(items: Catalogue) -> pl.DataFrame:
    """One row an item."""
    genres = np.array(vocabulary.GENRES)
    return pl.DataFrame(
        {
            "item_id": _keys("i", len(items.author)),
            "author": _keys("a", int(items.author.max()) + 1).gather(items.author),
            "genres": [genres[row].tolist() for row in items.genres],
            "text": items.text,
            "location": pl.Series(items.location, dtype=pl.Array(pl.Float64, 2)),
            "published": items.published,
        }
    )


def log_frame(arrays: dict[str, np.ndarray]) -> pl.DataFrame:
    """The log as it is, the device by its name."""
    return pl.DataFrame(arrays).with_columns(device=_names(vocabulary.DEVICES, arrays["device"]))


def _keys(letter: str, size: int) -> pl.Series:
    return pl.Series([f"{letter}{n}" for n in range(size)], dtype=pl.String)


def _names(names: tuple[str, ...], idx: np.ndarray) -> pl.Series:
    return pl.Series(names, dtype=pl.String).gather(idx)
