"""Raw columns as tensors, and back from where they are stored."""

from collections.abc import Mapping

import polars as pl
import torch
from torch import Tensor

from recsys.ops import csr
from recsys.ops.geography import degrees
from recsys.types import Attribute, ColumnType, Csr

CODED = ("id", "category", "flag")
PLAIN = ("number", "time")


def attributes(frame: pl.DataFrame, types: Mapping[str, ColumnType]) -> dict[str, Attribute]:
    """The columns of the frame that can be counted, parted by or measured between; texts are none."""
    return {
        name: _attribute(frame[name], type_)
        for name, type_ in types.items()
        if type_ in (*CODED, *PLAIN, "categories", "geo")
    }


def _attribute(values: pl.Series, type_: ColumnType) -> Attribute:
    if type_ in PLAIN:
        numbers = values.cast(pl.Float64).fill_null(float("nan")).to_numpy()
        return Attribute(type_, torch.tensor(numbers))
    if type_ == "geo":
        return Attribute(type_, torch.from_numpy(degrees(values)))
    if type_ == "categories":
        lengths = values.list.len().fill_null(0).cast(pl.Int64).to_numpy()
        codes, names = _codes(values.explode(empty_as_null=False, keep_nulls=False))
        ptr = torch.zeros(len(values) + 1, dtype=torch.int64)
        torch.cumsum(torch.tensor(lengths), 0, out=ptr[1:])
        return Attribute(type_, Csr(ptr, codes), names)
    codes, names = _codes(values)
    return Attribute(type_, codes, () if type_ == "id" else names)


def _codes(values: pl.Series) -> tuple[Tensor, tuple[str, ...]]:
    """The place of each value among the distinct ones in order, -1 where it is missing."""
    known = values.drop_nulls().unique().sort()
    codes = values.replace_strict(known, range(len(known)), default=-1, return_dtype=pl.Int64)
    return torch.tensor(codes.fill_null(-1).to_numpy()), tuple(known.cast(pl.String).to_list())


def to_tensors(prefix: str, attribute: Attribute) -> dict[str, Tensor]:
    """What is stored of an attribute, beside its type and names."""
    values = attribute.values
    if isinstance(values, Csr):
        return csr.store(prefix, values)
    return {prefix: values}


def from_tensors(
    prefix: str, tensors: Mapping[str, Tensor], type_: ColumnType, names: tuple[str, ...]
) -> Attribute:
    """The attribute that `to_tensors` stored."""
    if prefix in tensors:
        return Attribute(type_, tensors[prefix], names)
    return Attribute(type_, csr.restore(prefix, tensors), names)
