"""An id as a vector that was made elsewhere."""

from collections.abc import Sequence
from typing import final

import numpy as np
import polars as pl
import torch
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.nn.same import Same
from recsys.ops import vectors
from recsys.types import ColumnType, UserError


@final
class Precomputed(Encoder):
    """The vector that a file has for the id, frozen, beside a 1 where it has none.

    Of images, sound, video, text, or of another model. Ids are compared as text. An id that the file does not
    have, and a missing one, has zeros and the mark; how many of training's the file lacks is a note of the
    results. The file is read again when new ids are encoded.

    Args:
        path: `.npy` or `.pt` of shape `[N, width]`, or `.parquet` with a column of vectors.
        ids: of `.npy` and `.pt` the file with the ids of the rows, `.npy` or text with an id a line; of
            `.parquet` the column of ids, None where there is one other column.
    """

    accepts = frozenset[ColumnType]({"id", "category"})

    def __init__(self, *, path: str, ids: str | None = None) -> None:
        self.path, self.ids = path, ids

    @property
    def files(self) -> Sequence[str]:
        """The two files."""
        return [self.path, *([self.ids] if self.ids else [])]

    def fit(self, values: pl.Series) -> State:
        """The length of the vectors.

        Raises:
            UserError: the files do not fit each other, or hold what is no vector of finite numbers.
        """
        found = self._read()
        return {"width": found.rows.shape[1], "notes": found.note("precomputed", values)}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """The vector and the mark, `[N, width + 1]` float32.

        Raises:
            UserError: as in `fit`, or the vectors have another length than they had there.
        """
        found = self._read()
        if found.rows.shape[1] != state["width"]:
            raise UserError(
                f"precomputed: {found.file} has shape {list(found.rows.shape)}, and vectors of length "
                f"{state['width']} were fitted; train again, or give the file of then"
            )
        place = found.places(values)
        encoded = np.zeros((len(place), state["width"] + 1), dtype=np.float32)
        encoded[place >= 0, :-1] = found.rows[place[place >= 0]]
        encoded[:, -1] = place < 0
        return torch.from_numpy(encoded)

    def module(self, state: State, dim: int) -> nn.Module:
        """The numbers as they are."""
        return Same(state["width"] + 1)

    def _read(self) -> vectors.Vectors:
        found = vectors.read("precomputed", self.path, self.ids)
        if found.rows.ndim != 2 or found.rows.dtype.kind not in "fiu":
            raise UserError(
                f"precomputed: {found.file} has shape {list(found.rows.shape)} of {found.rows.dtype}; "
                "a matrix of numbers is needed, [ids, length]"
            )
        wrong = int((~np.isfinite(found.rows).all(1)).sum())
        if wrong:
            raise UserError(
                f"precomputed: {wrong:,} of the {len(found.ids):,} vectors of {found.file} are not finite"
            )
        return found
