"""Numbers that stand for texts, without a vocabulary."""

from hashlib import blake2b

import polars as pl
import torch
from torch import Tensor

from recsys.ops.hashing import mix

MISSING = -1
"""The code of a missing value, which no text has."""


def of(values: pl.Series) -> Tensor:
    """A number from 0 to 2^63 - 1 of each value's text, int64 `[N]`; -1 for a missing value.

    The upper 63 bits of BLAKE2b's digest of 8 bytes, little-endian, over the text in UTF-8: the same in
    every process, on every machine and with every version of the libraries.
    """
    known = values.drop_nulls().unique()
    numbers = pl.Series("code", [_code(text) for text in known.cast(pl.String)], dtype=pl.Int64)
    table = pl.DataFrame({"value": known, "code": numbers})
    joined = values.rename("value").to_frame().join(table, on="value", how="left", maintain_order="left")
    return torch.from_numpy(joined["code"].fill_null(MISSING).to_numpy().copy())


def _code(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") >> 1


def buckets(codes: Tensor, size: int, function: int = 0) -> Tensor:
    """The bucket of each code, from 1 to `size`, by one of many hash functions; 0 for missing values."""
    mixed = mix(codes, torch.tensor(function))
    return torch.where(codes == MISSING, 0, mixed % size + 1)
