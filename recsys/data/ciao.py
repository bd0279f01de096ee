"""Ciao: ratings and a web of trust."""

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

NAME, FILES = "ciao", ("rating.mat", "trustnetwork.mat")
ORIGIN = "https://www.cse.msu.edu/~tangjili/datasetcode/truststudy.htm"
RATINGS = ("user", "product", "category", "rating", "helpfulness")
LARGEST = 2**31 - 1


@final
class Ciao(Source):
    """284,086 ratings of 105,114 products by 7,375 users, and 111,781 directed links of trust; no time.

    Tang, Gao, Liu and Das Sarma 2012, "eTrust: Understanding Trust Evolution in an Online World". Read from
    `ciao/` in the data home, where the publisher's two MATLAB files have to be put. `trusts` are the ids of
    those whom a user trusts; nobody needs to trust back. `categories` are all that a product was rated under
    (two or more for 101 of them). `helpfulness` (1 to 7 in the file) is what readers made of the review.
    Ratings are 0 to 5, 34 of them 0; a pair that was rated more than once (1,436 rows) stands as often as in
    the file.
    """

    @property
    def columns(self) -> Columns:
        """What the files hold."""
        return Columns(
            user={"user_id": "id", "trusts": "categories"},
            item={"item_id": "id", "categories": "categories"},
            feedback={"rating": "number", "helpfulness": "number"},
        )

    def fingerprint(self) -> str:
        """Of the files."""
        return f"{NAME} {download.fingerprint(locate(NAME, FILES, ORIGIN), FILES)}"

    def load(self) -> Events:
        """Read the files."""
        folder = locate(NAME, FILES, ORIGIN)
        ratings = _matrix(folder / FILES[0], "rating")
        check_table(
            folder / FILES[0],
            ratings,
            RATINGS,
            low=(1, 1, 1, 0, 0),
            high=(LARGEST, LARGEST, LARGEST, 5, LARGEST),
        )
        links = _matrix(folder / FILES[1], "trustnetwork")
        check_table(folder / FILES[1], links, ("user", "trusted"), low=(1, 1), high=(LARGEST, LARGEST))
        rows = pl.DataFrame(
            {name: ratings[:, place].astype("int64") for place, name in enumerate(RATINGS)}
        ).rename({"user": "user_id", "product": "item_id"})
        log = rows.select("user_id", "item_id", pl.col("rating", "helpfulness").cast(pl.Float64))
        return index_entities(
            log, _users(rows["user_id"], links), _items(rows), self.columns, impressions=self.impressions
        )


def _matrix(file: Path, name: str) -> "np.ndarray":
    """The matrix of that name.

    Raises:
        UserError: the file is no MATLAB 5 file, or lacks the matrix.
    """
    from scipy.io import loadmat

    try:
        found = loadmat(file)
    except (OSError, ValueError, TypeError, NotImplementedError) as error:
        raise UserError(f"{file}: cannot be read as a MATLAB 5 file: {error}") from None
    if name not in found:
        has = ", ".join(key for key in found if not key.startswith("__")) or "none"
        raise UserError(f"{file}: there is no matrix {name!r}; it has {has}")
    return found[name]


def _users(raters: pl.Series, links: "np.ndarray") -> pl.DataFrame:
    """Everybody who rates or is linked, by id, with the ids of those whom she trusts."""
    trust = pl.DataFrame({"user_id": links[:, 0].astype("int64"), "trusted": links[:, 1].astype("int64")})
    everybody = pl.concat([raters, trust["user_id"], trust["trusted"].rename("user_id")]).unique().sort()
    lists = trust.group_by("user_id", maintain_order=True).agg(
        pl.col("trusted").cast(pl.String).unique(maintain_order=True).alias("trusts")
    )
    joined = everybody.to_frame().join(lists, on="user_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col("trusts").fill_null([]))


def _items(rows: pl.DataFrame) -> pl.DataFrame:
    """Every product, by id, with its categories."""
    categories = pl.col("category").unique().sort().cast(pl.String).alias("categories")
    return rows.group_by("item_id").agg(categories).sort("item_id")
