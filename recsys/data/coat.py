"""Coat: ratings of coats that users chose, and of coats that were drawn for them."""

from pathlib import Path
from typing import final

import numpy as np
import polars as pl

from recsys.data import Source
from recsys.ops import download
from recsys.ops.indexing import index_entities
from recsys.ops.local import locate
from recsys.ops.plain import check_table, numbered_lines, read_grid
from recsys.types import Columns, Events, UserError

NAME = "coat"
FILES = (
    "train.ascii",
    "test.ascii",
    "propensities.ascii",
    "user_features.ascii",
    "user_features_map.txt",
    "item_features.ascii",
    "item_features_map.txt",
)
ORIGIN = "https://www.cs.cornell.edu/~schnabts/mnar/"
USER, ITEM = ("gender", "age", "location", "fashioninterest"), ("gender", "jackettype", "color", "onfrontpage")


@final
class Coat(Source):
    """6,960 ratings of coats that 290 users chose and 4,640 of coats drawn for them at random, of 300; no time.

    Schnabel, Swaminathan, Singh, Chandak and Joachims 2016, "Recommendations as Treatments". Read from `coat/`
    in the data home, where the publisher's files have to be put. First the rows of `train.ascii` (24 a user),
    then those of `test.ascii` (16 a user, `random_exposure` true). `propensity` is the probability that the
    row was to be seen: the publisher's estimate for a chosen coat, and the user's share of rated coats (16 of
    300) for a drawn one. Ids are places in the files, from 1.
    """

    @property
    def columns(self) -> Columns:
        """What the files hold."""
        return Columns(
            user={
                "user_id": "id",
                "gender": "category",
                "age": "category",
                "location": "category",
                "fashioninterest": "category",
            },
            item={
                "item_id": "id",
                "gender": "category",
                "jackettype": "category",
                "color": "category",
                "onfrontpage": "flag",
            },
            feedback={"rating": "number", "propensity": "number", "random_exposure": "flag"},
        )

    def fingerprint(self) -> str:
        """Of the files."""
        return f"{NAME} {download.fingerprint(locate(NAME, FILES, ORIGIN), FILES)}"

    def load(self) -> Events:
        """Read the files."""
        folder = locate(NAME, FILES, ORIGIN)
        chosen = read_grid(folder / "train.ascii")
        drawn, propensity = (
            read_grid(folder / file, chosen.shape) for file in ("test.ascii", "propensities.ascii")
        )
        n_users, n_items = chosen.shape
        for file, grid, high in (
            ("train.ascii", chosen, 5),
            ("test.ascii", drawn, 5),
            ("propensities.ascii", propensity, 1),
        ):
            check_table(folder / file, grid, _items(n_items), low=(0,) * n_items, high=(high,) * n_items)
        share = np.broadcast_to((drawn > 0).mean(axis=1, keepdims=True), drawn.shape)
        log = pl.concat([_rows(chosen, propensity, drawn=False), _rows(drawn, share, drawn=True)])
        users = _features(folder, "user", USER, n_users)
        items = _features(folder, "item", ITEM, n_items).with_columns(pl.col("onfrontpage") == "yes")
        return index_entities(log, users, items, self.columns, impressions=self.impressions)


def _items(number: int) -> tuple[str, ...]:
    return tuple(f"item {place}" for place in range(1, number + 1))


def _rows(ratings: np.ndarray, propensity: np.ndarray, *, drawn: bool) -> pl.DataFrame:
    """The cells that are not 0, by user, then item."""
    user, item = ratings.nonzero()
    return pl.DataFrame(
        {
            "user_id": user + 1,
            "item_id": item + 1,
            "rating": ratings[user, item],
            "propensity": propensity[user, item],
            "random_exposure": np.full(len(user), drawn),
        }
    )


def _features(folder: Path, side: str, names: tuple[str, ...], number: int) -> pl.DataFrame:
    """One row an entity; of each group of flags the one that is set.

    Raises:
        UserError: the map has other groups, or not exactly one flag of a group is set; names file and line.
    """
    file, map_file = folder / f"{side}_features.ascii", folder / f"{side}_features_map.txt"
    words = [line.partition(":")[::2] for _, line in numbered_lines(map_file)]
    if tuple(dict.fromkeys(group for group, _ in words)) != names:
        raise UserError(
            f"{map_file}: the groups {', '.join(names)} are expected, each line like {names[0]}:value"
        )
    flags = read_grid(file, (number, len(words)))
    frame = {f"{side}_id": np.arange(1, number + 1)}
    for name in names:
        places = [place for place, (group, _) in enumerate(words) if group == name]
        wrong = (flags[:, places] == 1).sum(axis=1) != 1
        if wrong.any():
            raise UserError(f"{file}: line {int(wrong.argmax()) + 1}: not exactly one flag of {name} is 1")
        values = np.array([words[place][1] for place in places])
        frame[name] = values[flags[:, places].argmax(axis=1)]
    return pl.DataFrame(frame)
