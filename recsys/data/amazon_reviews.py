"""Amazon reviews in the publisher's formats."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, final

import polars as pl

from recsys.data import Source
from recsys.ops.finding import find
from recsys.ops.indexing import index_entities
from recsys.ops.scanning import scan_fields, scan_json
from recsys.types import Columns, ColumnType, Events, UserError

Version = Literal["2014", "2018", "2023"]
RATINGS: dict[str, tuple[str, ...]] = {
    "2014": ("user_id", "item_id", "rating", "timestamp"),
    "2018": ("item_id", "user_id", "rating", "timestamp"),
    "2023": ("user_id", "parent_asin", "rating", "timestamp"),
}
"""Fields of a line of the ratings-only files; those of 2023 begin with a line of these names."""
OLD = {"reviewerID": "user_id", "asin": "item_id", "overall": "rating", "unixReviewTime": "timestamp"}
NEW = {"user_id": "user_id", "parent_asin": "item_id", "rating": "rating", "timestamp": "timestamp"}
REVIEWS: dict[str, dict[str, str]] = {
    "2014": {**OLD, "summary": "title", "reviewText": "text"},
    "2018": {**OLD, "summary": "title", "reviewText": "text", "verified": "verified"},
    "2023": {
        **NEW,
        "title": "title",
        "text": "text",
        "verified_purchase": "verified",
        "helpful_vote": "helpful_votes",
    },
}
"""Our names by the members of a review."""
KEYS = ("user_id", "item_id", "rating", "timestamp")
TYPES: dict[str, type[pl.DataType]] = {
    "user_id": pl.String,
    "item_id": pl.String,
    "rating": pl.Float64,
    "timestamp": pl.Int64,
    "title": pl.String,
    "text": pl.String,
    "verified": pl.Boolean,
    "helpful_votes": pl.Float64,
}
DECLARED: dict[str, ColumnType] = {
    "title": "text",
    "text": "text",
    "verified": "flag",
    "helpful_votes": "number",
}
PER_SECOND = {"2014": 1, "2018": 1, "2023": 1000}
LATEST = 100_000_000_000
"""Seconds: the year 5138."""
ASIN = 10
"""Characters of an item's id."""


@final
class AmazonReviews(Source):
    """Ratings of one to five stars with time, and reviews where the files hold them.

    McAuley et al. 2015, "Image-based Recommendations on Styles and Substitutes" (2014); Ni, Li and McAuley
    2019, "Justifying Recommendations using Distantly-Labeled Reviews and Fine-Grained Aspects" (2018); Hou et
    al. 2024, "Bridging Language and Items for Retrieval and Recommendation" (2023). Counts are those of the
    category that is read. `.csv` files are the ratings alone, `.json`, `.jsonl` and `.json.gz`, `.jsonl.gz`
    the reviews: title and text, since 2018 whether the purchase is verified, in 2023 helpful votes. Items of
    2023 are `parent_asin`. Read in a stream.

    Args:
        files: a path, a glob, or a list of them, all of one kind.
        version: whose formats they have: of ratings alone 2014 has user,item,rating,timestamp, 2018
            item,user,rating,timestamp, and 2023 a line of names and milliseconds.

    Raises:
        UserError: the files are of two kinds, or of none that is known.
    """

    def __init__(self, *, files: str | Sequence[str], version: Version = "2023") -> None:
        self.files, self.version = files, version
        names = [files] if isinstance(files, str) else list(files)
        kinds = {_is_ratings(name) for name in names}
        if len(kinds) != 1:
            raise UserError(f"data.files={names}: name .csv files or .json and .jsonl files, not both")
        self.reviews = kinds == {False}

    @property
    def columns(self) -> Columns:
        """What files of the kind and version hold."""
        held = REVIEWS[self.version].values() if self.reviews else ()
        return Columns(
            user={"user_id": "id"},
            item={"item_id": "id"},
            context={"timestamp": "time"},
            feedback={"rating": "number", **{name: DECLARED[name] for name in held if name in DECLARED}},
        )

    def fingerprint(self) -> str:
        """Version, paths, sizes and times of change."""
        marks = [(file.resolve(), file.stat()) for file in self._files()]
        files = "; ".join(f"{file} {mark.st_size} {mark.st_mtime_ns}" for file, mark in marks)
        return f"amazon {self.version} {files}"

    def load(self) -> Events:
        """Read the files, in the order of their names."""
        log = pl.concat([self._read(file) for file in self._files()])
        return index_entities(log, None, None, self.columns, impressions=self.impressions)

    def _files(self) -> list[Path]:
        """The files, which have to be here: they are read in pieces."""
        found = find("data.files", self.files)
        remote = [file for file in found if isinstance(file, str)]
        if remote:
            raise UserError(f"data.files: {remote[0]} is not on this machine; fetch it first")
        return [Path(file) for file in found]

    def _read(self, file: Path) -> pl.DataFrame:
        """The rows of a file under our names, time in seconds.

        Raises:
            UserError: the values are of another version's format.
        """
        raw = self._reviews(file) if self.reviews else self._ratings(file)
        seconds = raw["timestamp"] // PER_SECOND[self.version]
        bad = ~seconds.is_between(0, LATEST, closed="left")
        if bad.any():
            row, unit = bad.arg_max() or 0, "seconds" if PER_SECOND[self.version] == 1 else "milliseconds"
            raise UserError(
                f"{file}: row {row + 1}, column 'timestamp': {raw['timestamp'][row]} is no time in {unit} "
                f"since 1970; is data.version={self.version} right?"
            )
        user, item = (raw[name].str.len_chars() == ASIN for name in ("user_id", "item_id"))
        if user.all() and not item.any():
            raise UserError(
                f"{file}: users look like items (ids of {ASIN} characters); is "
                f"data.version={self.version} right?"
            )
        return raw.with_columns(seconds)

    def _ratings(self, file: Path) -> pl.DataFrame:
        names = RATINGS[self.version]
        types = {name: TYPES["item_id" if name == "parent_asin" else name] for name in names}
        raw = scan_fields(file, ",", names, types, required=names, header=self.version == "2023")
        return raw.rename({"parent_asin": "item_id"}, strict=False)

    def _reviews(self, file: Path) -> pl.DataFrame:
        members = REVIEWS[self.version]
        types = {member: TYPES[name] for member, name in members.items()}
        needed = [member for member, name in members.items() if name in KEYS]
        return scan_json(file, types, required=needed).rename(members)


def _is_ratings(name: str) -> bool:
    bare = name.removesuffix(".gz")
    if bare.endswith(".csv"):
        return True
    if bare.endswith((".json", ".jsonl")):
        return False
    raise UserError(f"data.files={name}: ends neither in .csv nor in .json or .jsonl (.gz may follow)")
