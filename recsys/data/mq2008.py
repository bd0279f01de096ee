"""LETOR MQ2008: queries and graded documents."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Literal, final

import polars as pl

from recsys.data import Source
from recsys.ops import download
from recsys.ops.indexing import index_entities
from recsys.ops.local import locate
from recsys.ops.plain import numbered_lines
from recsys.types import Columns, ColumnType, Events, UserError

NAME, FILES = "mq2008", tuple(f"S{place}.txt.gz" for place in range(1, 6))
ORIGIN = (
    "https://www.microsoft.com/en-us/research/project/letor-learning-rank-information-retrieval/ (LETOR 4.0)"
)
FEATURES = tuple(f"f{place}" for place in range(1, 47))
TRAIN, VALID, TEST = 0, 1, 2


@final
class MQ2008(Source):
    """15,211 judged documents of 784 queries in five parts, with 46 features and relevance 0, 1 or 2; no time.

    Qin and Liu 2013, "Introducing LETOR 4.0 Datasets" (Million Query track of TREC 2008). Read from `mq2008/`
    in the data home, where S1 to S5 have to be put. A user is a query; an item is a document as judged for one
    query (`<query>/<document>`), so that f1 to f46, which describe the pair and are scaled to [0, 1] within the
    query, are columns of the item and every candidate of a query is scored by its own. Queries of the test part
    are met in no other part: ids teach nothing, and nor does anything but the features. A query's candidates
    are its judged documents (`eval.candidates=impressions`).

    Args:
        fold: of the publisher's five: fold k trains on three parts from S<k> on, validates on the next and
            tests on the one after, S1 following on S5; the log's column `part` says which row is where.
    """

    impressions: ClassVar[bool] = True

    def __init__(self, *, fold: Literal[1, 2, 3, 4, 5] = 1) -> None:
        self.fold = fold

    @property
    def columns(self) -> Columns:
        """What the files hold."""
        features: dict[str, ColumnType] = dict.fromkeys(FEATURES, "number")
        return Columns(
            user={"query_id": "id"},
            item={"document_id": "id", **features},
            feedback={"relevance": "number"},
        )

    @property
    def gives(self) -> frozenset[str]:
        """The feedback, and the publisher's own parts."""
        return super().gives | {"data.part"}

    def fingerprint(self) -> str:
        """Of the files, and the fold."""
        return f"{NAME} {self.fold} {download.fingerprint(locate(NAME, FILES, ORIGIN), FILES)}"

    def load(self) -> Events:
        """Read the files, S1 first."""
        folder = locate(NAME, FILES, ORIGIN)
        parts = [
            _judged(folder / file).with_columns(part=self._part(place)) for place, file in enumerate(FILES)
        ]
        rows = pl.concat(parts)
        items = rows.select("document_id", *FEATURES)
        twice = items["document_id"].is_duplicated()
        if twice.any():
            raise UserError(f"{folder}: {items['document_id'].filter(twice)[0]} (query/document) stands twice")
        log = rows.select("query_id", "document_id", "relevance")
        events = index_entities(log, None, items, self.columns, impressions=self.impressions)
        return replace(events, log=events.log.with_columns(rows["part"]))

    def _part(self, place: int) -> pl.Expr:
        """Train, valid or test of the rows of the part at this place, from 0."""
        later = (place - (self.fold - 1)) % len(FILES)
        return pl.lit({3: VALID, 4: TEST}.get(later, TRAIN), dtype=pl.Int8)


def _judged(file: Path) -> pl.DataFrame:
    """One row a judged document."""
    types: dict[str, type[pl.DataType]] = {
        "relevance": pl.Float64,
        "query_id": pl.Int64,
        "document_id": pl.String,
        **dict.fromkeys(FEATURES, pl.Float64),
    }
    rows = list(_parsed(file))
    if not rows:
        raise UserError(f"{file}: the file has no rows")
    return pl.DataFrame(rows, schema=types, orient="row")


def _parsed(file: Path) -> Iterator[tuple[float | int | str, ...]]:
    """`<grade> qid:<query> 1:<value> … 46:<value> #docid = <document> …` of each line."""
    for number, line in numbered_lines(file):
        values, _, comment = line.partition("#")
        grade, query, *features = values.split() + [""] * (2 - len(values.split()))
        document = comment.removeprefix("docid = ").split(" ")[0]
        names = [feature.partition(":")[0] for feature in features]
        if names != [name[1:] for name in FEATURES] or not query.startswith("qid:") or not document:
            raise UserError(
                f"{file}: line {number}: '<grade> qid:<query> 1:<value> … 46:<value> #docid = <document>' is "
                "expected"
            )
        if grade not in ("0", "1", "2"):
            raise UserError(f"{file}: line {number}: {grade!r} is no grade; 0, 1 or 2 are expected")
        try:
            query_id = int(query.removeprefix("qid:"))
            yield (float(grade), query_id, f"{query_id}/{document}", *map(_value, features))
        except ValueError as error:
            raise UserError(f"{file}: line {number}: {error}") from None


def _value(feature: str) -> float:
    return float(feature.partition(":")[2])
