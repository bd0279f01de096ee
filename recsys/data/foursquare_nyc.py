"""Foursquare check-ins in New York."""

from pathlib import Path
from typing import TYPE_CHECKING, final

import polars as pl

from recsys.data import Source
from recsys.ops import download
from recsys.ops.indexing import index_entities
from recsys.ops.local import locate
from recsys.ops.plain import check_table
from recsys.types import Columns, Events, UserError

if TYPE_CHECKING:
    import numpy as np

NAME, FILES = "foursquare-nyc", ("NYC.npy", "NYC_POI.npy")
ORIGIN = "https://sites.google.com/site/yangdingqi/home/foursquare-dataset (rows user, place, minutes)"
BEGIN = 1_333_476_000
"""2012-04-03 18:00 UTC, when the publisher's log begins, in seconds since 1970."""
LARGEST = 2**31 - 1


@final
class FoursquareNYC(Source):
    """147,938 check-ins of 1,083 users at 5,135 places of New York, April 2012 to February 2013.

    Yang, Zhang, Zheng and Yu 2015, "Modeling User Activity Preference by Leveraging User Spatial Temporal
    Characteristics in LBSNs", as arrays: `NYC.npy` `[N, 3]` user, place, minutes and `NYC_POI.npy` `[P, 3]`
    place, latitude, longitude. Read from `foursquare-nyc/` in the data home, where they have to be put.

    The file counts minutes from a moment that it does not name. Here that is 2012-04-03 18:00 UTC, inferred:
    the publisher's log begins then, it makes the last check-in 2013-02-16 02:35, when that log ends, and it
    puts the fewest check-ins at 4 in the morning and the most at 8, New York time. Order and distances in time
    do not rest on it; hour and weekday do.
    """

    @property
    def columns(self) -> Columns:
        """What the files hold."""
        return Columns(
            user={"user_id": "id"},
            item={"item_id": "id", "location": "geo"},
            context={"timestamp": "time"},
        )

    def fingerprint(self) -> str:
        """Of the files."""
        return f"{NAME} {download.fingerprint(locate(NAME, FILES, ORIGIN), FILES)}"

    def load(self) -> Events:
        """Read the files; the rows stay in their order, which is by user."""
        folder = locate(NAME, FILES, ORIGIN)
        visits = _array(folder / FILES[0])
        check_table(folder / FILES[0], visits, ("user", "place", "minutes"), low=(0, 0, 0), high=(LARGEST,) * 3)
        places = _array(folder / FILES[1])
        columns = ("place", "latitude", "longitude")
        check_table(folder / FILES[1], places, columns, low=(0, -90, -180), high=(LARGEST, 90, 180))
        user, place, minutes = visits.astype("int64").T
        log = pl.DataFrame({"user_id": user, "item_id": place, "timestamp": BEGIN + 60 * minutes})
        items = _places(places)
        twice = items.filter(pl.col("item_id").is_duplicated())["item_id"]
        if len(twice):
            raise UserError(f"{folder / FILES[1]}: place {twice[0]} stands twice; every row needs its own")
        return index_entities(log, None, items, self.columns, impressions=self.impressions)


def _array(file: Path) -> "np.ndarray":
    import numpy as np

    try:
        return np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise UserError(f"{file}: cannot be read as a NumPy array: {error}") from None


def _places(places: "np.ndarray") -> pl.DataFrame:
    ids = pl.Series("item_id", places[:, 0].astype("int64"))
    location = pl.Series("location", places[:, 1:], dtype=pl.Array(pl.Float64, 2))
    return pl.DataFrame([ids, location])
