"""Lists of indices by row."""

from collections.abc import Mapping

import torch
from torch import Tensor

from recsys.types import Csr


def from_pairs(rows: Tensor, cols: Tensor, n_rows: int) -> Csr:
    """Collect the distinct columns of each row.

    Args:
        rows: `[N]` int64 in `[0, n_rows)`.
        cols: `[N]` int64, not negative.
    """
    width = int(cols.max()) + 1 if len(cols) else 1
    pairs = torch.unique(rows * width + cols)
    counts = torch.bincount(pairs // width, minlength=n_rows)
    ptr = torch.zeros(n_rows + 1, dtype=torch.int64)
    torch.cumsum(counts, 0, out=ptr[1:])
    return Csr(ptr=ptr, idx=pairs % width)


def lengths(csr: Csr) -> Tensor:
    """Number of columns of each row, `[R]`."""
    return csr.ptr[1:] - csr.ptr[:-1]


def rows_of(csr: Csr) -> Tensor:
    """The row of each entry of `idx`, `[nnz]`."""
    rows = torch.arange(len(csr.ptr) - 1, device=csr.ptr.device)
    return torch.repeat_interleave(rows, lengths(csr))


def take(csr: Csr, rows: Tensor) -> Csr:
    """The given rows, in the given order.

    Args:
        rows: `[M]` int64.
    """
    counts = lengths(csr)[rows]
    ptr = torch.zeros(len(rows) + 1, dtype=torch.int64, device=rows.device)
    torch.cumsum(counts, 0, out=ptr[1:])
    within = torch.arange(int(ptr[-1]), device=rows.device) - torch.repeat_interleave(ptr[:-1], counts)
    return Csr(ptr=ptr, idx=csr.idx[torch.repeat_interleave(csr.ptr[rows], counts) + within])


def sums(values: Tensor, ptr: Tensor) -> Tensor:
    """Sums of whole numbers by row, `[R]` int64: exact, so that they do not depend on the other rows.

    Args:
        values: `[nnz]`, of the entries.
        ptr: `[R + 1]` int64, of the rows.
    """
    total = torch.zeros(len(values) + 1, dtype=torch.int64, device=values.device)
    torch.cumsum(values, 0, dtype=torch.int64, out=total[1:])
    return total[ptr].diff()


def part(csr: Csr, start: int, stop: int) -> Csr:
    """The rows from `start` up to, not including, `stop`; a view where `take` would copy."""
    first, last = int(csr.ptr[start]), int(csr.ptr[stop])
    return Csr(ptr=csr.ptr[start : stop + 1] - first, idx=csr.idx[first:last])


def keys(csr: Csr, width: int) -> Tensor:
    """Each entry as one ascending number, `row * width + column`, for `contains`.

    Args:
        width: at least the number of columns.
    """
    return rows_of(csr) * width + csr.idx


def contains(keys: Tensor, queries: Tensor) -> Tensor:
    """Which queries are among the ascending keys; bool, of the queries' shape."""
    if len(keys) == 0:
        return torch.zeros_like(queries, dtype=torch.bool)
    at = torch.searchsorted(keys, queries).clamp_(max=len(keys) - 1)
    return keys[at] == queries


def where(csr: Csr, kept: Tensor) -> Csr:
    """The entries that are marked, in rows as before.

    Args:
        kept: `[nnz]` bool.
    """
    counts = torch.zeros(len(kept) + 1, dtype=torch.int64, device=kept.device)
    torch.cumsum(kept, 0, out=counts[1:])
    return Csr(ptr=counts[csr.ptr], idx=csr.idx[kept])


def store(prefix: str, csr: Csr) -> dict[str, Tensor]:
    """The tensors of the lists by name."""
    return {f"{prefix}.ptr": csr.ptr, f"{prefix}.idx": csr.idx}


def restore(prefix: str, index: Mapping[str, Tensor]) -> Csr:
    """The lists that `store` named."""
    return Csr(index[f"{prefix}.ptr"], index[f"{prefix}.idx"])
