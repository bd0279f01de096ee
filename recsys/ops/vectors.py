"""Arrays with a row for each id, from files."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import torch
from torch import Tensor

from recsys.types import UserError


@dataclass(frozen=True)
class Vectors:
    """Made by `read`.

    Attributes:
        file: that the rows were read from.
        ids: the id of each row as text, distinct.
        rows: `[N, ...]`; of an `.npy` file memory-mapped.
    """

    file: Path
    ids: pl.Series
    rows: np.ndarray

    def places(self, values: pl.Series) -> np.ndarray:
        """The row of each value's text, `[M]` int64; -1 where there is none."""
        table = self.ids.rename("id").to_frame().with_row_index("row")
        asked = values.cast(pl.String).rename("id").to_frame()
        joined = asked.join(table, on="id", how="left", maintain_order="left")
        return joined["row"].cast(pl.Int64).fill_null(-1).to_numpy().copy()

    def note(self, name: str, values: pl.Series) -> list[str]:
        """A line that counts the values without a row, if there are any."""
        known = values.drop_nulls()
        missing = known.filter(pl.Series(self.places(known) < 0)).cast(pl.String)
        if not len(missing):
            return []
        shown = ", ".join([*missing.head(3), *["…"] * (len(missing) > 3)])
        return [
            f"{name}: {len(missing):,} of {len(known):,} training values of {values.name} have no row in "
            f"{self.file} and are zeros: {shown}"
        ]


def read(name: str, path: str, ids: str | None) -> Vectors:
    """The rows and their ids.

    Args:
        name: of the encoder, for messages.
        path: `.npy` or `.pt` (a tensor), with `ids` a file: `.npy`, or text with an id a line; or `.parquet`
            with a column of lists, and `ids` the column of ids, None where there is only one other.

    Raises:
        UserError: a file is missing or of another kind, ids and rows differ in number, or an id is missing or
            there twice; names the file, and shapes or counts.
    """
    file = Path(path).expanduser()
    if not file.is_file():
        raise UserError(f"{name}: path={path}: there is no such file in {Path.cwd()}")
    if file.suffix == ".parquet":
        keys, rows = _parquet(name, file, ids)
    elif file.suffix in (".npy", ".pt"):
        rows = _npy(name, "path", file) if file.suffix == ".npy" else _tensor(name, file)
        keys = _ids(name, file, ids)
    else:
        raise UserError(f"{name}: path={path}: write a file that ends in .npy, .pt or .parquet")
    if rows.ndim == 0 or len(rows) != len(keys):
        raise UserError(
            f"{name}: {file} has shape {list(rows.shape)}, and there are {len(keys):,} ids; "
            "the two need a row for each other, in one order"
        )
    _check(name, file, keys)
    return Vectors(file, keys, rows)


def _check(name: str, file: Path, keys: pl.Series) -> None:
    nulls, twice = keys.null_count(), keys.filter(keys.is_duplicated()).drop_nulls().unique().sort()
    if nulls:
        raise UserError(
            f"{name}: {nulls:,} of the {len(keys):,} ids of {file} are missing; leave these rows out"
        )
    if len(twice):
        raise UserError(f"{name}: {len(twice):,} ids of {file} have several rows; keep one of {twice[0]!r}")


def _npy(name: str, key: str, file: Path) -> np.ndarray:
    try:
        return np.load(file, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise UserError(f"{name}: {key}={file} is no array of numbers or texts: {error}") from None


def _tensor(name: str, file: Path) -> np.ndarray:
    try:
        found = torch.load(file, weights_only=True, map_location="cpu")
    except Exception as error:
        reason = str(error).partition("\n")[0]
        raise UserError(f"{name}: path={file} is no file of a tensor: {reason}") from None
    if not isinstance(found, Tensor):
        raise UserError(f"{name}: path={file} holds a {type(found).__name__}; save one tensor with torch.save")
    return found.numpy()


def _ids(name: str, file: Path, ids: str | None) -> pl.Series:
    if ids is None:
        raise UserError(f"{name}: ids: {file} says nothing of its rows' ids; name a file with an id a line")
    of = Path(ids).expanduser()
    if not of.is_file():
        raise UserError(f"{name}: ids={ids}: there is no such file in {Path.cwd()}")
    if of.suffix == ".npy":
        return pl.Series("id", _npy(name, "ids", of)).cast(pl.String)
    return pl.Series("id", of.read_text(encoding="utf-8").splitlines(), dtype=pl.String)


def _parquet(name: str, file: Path, ids: str | None) -> tuple[pl.Series, np.ndarray]:
    frame = pl.read_parquet(file)
    lists = [column for column, type_ in frame.schema.items() if isinstance(type_, (pl.List, pl.Array))]
    others = [column for column in frame.columns if column not in lists]
    there = ", ".join(f"{column} ({type_})" for column, type_ in frame.schema.items())
    if len(lists) != 1:
        raise UserError(f"{name}: {file} needs one column of vectors and has {len(lists)}; it has {there}")
    if ids not in others if ids is not None else len(others) != 1:
        wanted = f"ids={ids}: {file} has no such column" if ids else f"ids: which column of {file} has the ids?"
        raise UserError(f"{name}: {wanted} It has {there}")
    vectors = frame[lists[0]].cast(pl.List(pl.Float64))
    lengths = vectors.list.len().unique().drop_nulls().sort().to_list()
    if vectors.null_count() or len(lengths) > 1:
        raise UserError(
            f"{name}: {vectors.null_count():,} of the {len(frame):,} vectors of {file} are missing, the others "
            f"have length {', '.join(map(str, lengths))}; all need one length"
        )
    rows = vectors.explode(empty_as_null=False, keep_nulls=False).to_numpy()
    return frame[ids or others[0]].cast(pl.String), rows.reshape(len(frame), lengths[0] if lengths else 0)
