"""Scores of another system, read from a file, in the place of a model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import polars as pl
import torch
from torch import Tensor

from recsys.model import Model
from recsys.nn.fields import EMPTY
from recsys.ops.finding import require
from recsys.types import Slate, UserError

READERS = {
    ".parquet": pl.read_parquet,
    ".csv": pl.read_csv,
    ".tsv": lambda file: pl.read_csv(file, separator="\t"),
    ".arrow": pl.read_ipc,
}
SHOWN = 3
"""How many ids a note names."""


@final
class Listed(Model[Tensor]):
    """Scores by (user, item); what is not in the file is not recommended.

    Args:
        pairs: `[N]` int64 ascending, user * n_items + item.
        score: `[N]` float64, as the file has them: float32 would make ties of large numbers that differ.
    """

    fits = True

    def __init__(self, pairs: Tensor, score: Tensor, n_items: int) -> None:
        super().__init__()
        self.n_items = n_items
        self.register_buffer("pairs", pairs, persistent=False)
        self.register_buffer("score", score, persistent=False)
        self.pairs: Tensor
        self.score: Tensor

    def encode_users(self, slate: Slate) -> Tensor:
        """The indices themselves."""
        return slate.user

    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The indices themselves."""
        return items

    def interact(self, users: Tensor, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The score of each pair, -inf where the file has none."""
        if items.dim() == 1 and len(items) == self.n_items:
            return self._whole(users)
        wanted = users[:, None] * self.n_items + items
        at = torch.searchsorted(self.pairs, wanted).clamp_(max=max(len(self.pairs) - 1, 0))
        return torch.where(self.pairs[at] == wanted, self.score[at], -torch.inf)

    def _whole(self, users: Tensor) -> Tensor:
        scores = self.score.new_full((len(users), self.n_items), -torch.inf)
        first, last = (torch.searchsorted(self.pairs, (users + more) * self.n_items) for more in (0, 1))
        row = torch.repeat_interleave(torch.arange(len(users), device=users.device), last - first)
        start = torch.repeat_interleave(first - torch.cumsum(last - first, 0) + (last - first), last - first)
        at = start + torch.arange(len(row), device=row.device)
        scores[row, self.pairs[at] % self.n_items] = self.score[at]
        return scores


@dataclass(frozen=True)
class Scores:
    """What a file of predictions comes to.

    Attributes:
        notes: what was left out, with counts, a line each.
    """

    model: Listed
    notes: tuple[str, ...]


def read(file: Path, users: Sequence[Any], items: Sequence[Any], names: tuple[str, str]) -> Scores:
    """Read (user, item, score) rows, and say what cannot be used of them.

    Args:
        file: Parquet, CSV, TSV or Arrow, with the columns `user`, `item` and `score`, or the source's own names
            of the ids.
        users, items: the ids that the data has, in index order.
        names: the source's names of the two id columns.

    Raises:
        UserError: the file cannot be read, lacks a column, or has no row that can be used.
    """
    rows = _columns(file, _load(file), names)
    total, notes = len(rows), []
    for side, ids in (("user", users), ("item", items)):
        rows, unknown = _known(rows, side, ids)
        if len(unknown):
            notes.append(f"{len(unknown):,} rows name {_few(unknown)}, {side}s that the data does not have")
    broken = rows.filter(pl.col("score").is_null() | pl.col("score").is_nan())
    if len(broken):
        notes.append(
            f"{len(broken):,} rows have no score (NaN or missing), the first of user {broken['raw_user'][0]}"
        )
    rows = rows.filter(pl.col("score").is_not_nan() & pl.col("score").is_not_null())
    distinct = rows.unique(["user", "item"], keep="first", maintain_order=True)
    if len(distinct) < len(rows):
        notes.append(
            f"{len(rows) - len(distinct):,} rows repeat a (user, item) pair; the first of each is used"
        )
    if not len(distinct):
        raise UserError(f"predictions={file}: none of its {total:,} rows can be used; {'; '.join(notes)}")
    pairs = torch.tensor((distinct["user"] * len(items) + distinct["item"]).to_numpy())
    order = pairs.argsort()
    score = torch.tensor(distinct["score"].to_numpy())
    return Scores(
        Listed(pairs[order], score[order], len(items)), tuple(f"predictions: {note}" for note in notes)
    )


def _load(file: Path) -> pl.DataFrame:
    reader = READERS.get(file.suffix)
    if reader is None:
        raise UserError(f"predictions={file}: not a file that can be read; one of {', '.join(READERS)}")
    try:
        require(file)
    except UserError as error:
        raise UserError(f"predictions={error}") from None
    try:
        return reader(file)
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"predictions={file}: cannot be read as {file.suffix[1:]}: {reason}") from None


def _columns(file: Path, frame: pl.DataFrame, names: tuple[str, str]) -> pl.DataFrame:
    found = {}
    for column, other in (("user", names[0]), ("item", names[1]), ("score", "score")):
        name = next((name for name in (column, other) if name in frame.columns), None)
        if name is None:
            wanted = column if column == other else f"{column} or {other}"
            raise UserError(f"predictions={file}: has no column {wanted}; it has {', '.join(frame.columns)}")
        found[column] = name
    if not frame[found["score"]].dtype.is_numeric():
        raise UserError(
            f"predictions={file}: column {found['score']} is {frame[found['score']].dtype}, no number"
        )
    return frame.select(
        raw_user=pl.col(found["user"]).cast(pl.String),
        raw_item=pl.col(found["item"]).cast(pl.String),
        score=pl.col(found["score"]).cast(pl.Float64),
    )


def _known(rows: pl.DataFrame, side: str, ids: Sequence[Any]) -> tuple[pl.DataFrame, pl.Series]:
    """The rows whose id is known, with its index as a column, and the ids of the others."""
    known = pl.DataFrame(
        {f"raw_{side}": [str(one) for one in ids], side: range(len(ids))}, schema_overrides={side: pl.Int64}
    )
    joined = rows.join(known, on=f"raw_{side}", how="left", maintain_order="left")
    lacking = joined[side].is_null()
    return joined.filter(~lacking), joined.filter(lacking)[f"raw_{side}"]


def _few(ids: pl.Series) -> str:
    distinct = ids.unique(maintain_order=True)
    shown = ", ".join(repr(one) for one in distinct[:SHOWN])
    more = len(distinct) - SHOWN
    return f"{shown} and {more:,} more" if more > 0 else shown
