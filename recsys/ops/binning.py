"""Groups of near equal size along a number, and names of their ranges."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

MISSING = "missing"
PRECISIONS = 17
"""How often a name is made more precise: up to more digits than a float64 has."""

Show = Callable[[float, int], str]
"""From a number and a precision, from 0 up, to text."""


def quantile_bins(values: Tensor, bins: int, weights: Tensor | None = None) -> Tensor:
    """Part values into at most `bins` groups of near equal weight, in ascending order; equal values together.

    A distinct value goes to the bin that the middle of its weight falls into: floor(bins * (before + own / 2) /
    total). Of N distinct values without weights each bin has floor(N / bins) or ceil(N / bins). Bins that stay
    empty are left out.

    Args:
        values: `[N]`, none of them NaN.
        bins: at least 1.
        weights: `[N]`, above 0; None counts each value once.

    Returns:
        `[N]` int64, the bin from 0, without gaps.
    """
    distinct, place = torch.unique(values, return_inverse=True)
    mass = torch.bincount(
        place, None if weights is None else weights.double(), minlength=len(distinct)
    ).double()
    middle = mass.cumsum(0) - mass / 2
    bin_ = (middle * bins / mass.sum()).long().clamp(0, bins - 1)
    return torch.unique(bin_, return_inverse=True)[1][place]


def of_counts(counts: Tensor, bins: int, *, weighted: bool = False) -> tuple[Tensor, tuple[str, ...]]:
    """Groups of counts: those of none first, then quantile bins of the others, named by their ranges.

    Args:
        counts: `[N]` int64, not negative.
        weighted: bins of equal sums of counts, rather than of equal numbers of entries.

    Returns:
        `[N]` int64, and the names.
    """
    some = counts > 0
    of = torch.zeros_like(counts)
    if not bool(some.any()):
        return of, ("0",) if len(counts) else ()
    bin_ = quantile_bins(counts[some], bins, counts[some] if weighted else None)
    names = ranges(counts[some].double(), bin_, shown_number)
    if bool(some.all()):
        return bin_, names
    of[some] = bin_ + 1
    return of, ("0", *names)


def of_numbers(values: Tensor, bins: int, show: Show) -> tuple[Tensor, tuple[str, ...]]:
    """Groups of numbers: quantile bins named by their ranges, then those that are missing.

    Args:
        values: `[N]` float64, NaN where missing.

    Returns:
        `[N]` int64, and the names.
    """
    missing = values.isnan()
    bin_ = quantile_bins(values[~missing], bins)
    names = ranges(values[~missing], bin_, show)
    of = torch.full(values.shape, len(names), dtype=torch.int64)
    of[~missing] = bin_
    return of, (*names, MISSING) if bool(missing.any()) else names


def compact(of: Tensor, names: Sequence[str]) -> tuple[Tensor, tuple[str, ...]]:
    """The same groups without those that nothing is in.

    Args:
        of: `[N]` int64, places in `names`.
    """
    used, place = torch.unique(of, return_inverse=True)
    return place, tuple(names[int(at)] for at in used)


def ranges(values: Tensor, bin_: Tensor, show: Show) -> tuple[str, ...]:
    """The lowest and the highest value of each bin as text, as precise as it takes to tell the bins apart.

    Args:
        values: `[N]` float64.
        bin_: `[N]` int64, from 0 without gaps, ascending with the values.
    """
    if not len(values):
        return ()
    n_bins = int(bin_.max()) + 1
    low = torch.full((n_bins,), torch.inf, dtype=torch.float64).scatter_reduce(0, bin_, values, "amin")
    high = torch.full((n_bins,), -torch.inf, dtype=torch.float64).scatter_reduce(0, bin_, values, "amax")
    ends = list(zip(low.tolist(), high.tolist(), strict=True))
    tried = (tuple(_range(show(low, p), show(high, p)) for low, high in ends) for p in range(PRECISIONS))
    distinct = next((names for names in tried if len(set(names)) == n_bins), None)
    return distinct or tuple(f"{place} of {n_bins}" for place in range(1, n_bins + 1))


def _range(low: str, high: str) -> str:
    if low == high:
        return low
    plain = low.replace(".", "").isdigit() and high.replace(".", "").isdigit()
    return f"{low}-{high}" if plain else f"{low} to {high}"


def shown_number(value: float, precision: int) -> str:
    """A whole number as it is, another with `precision` + 3 significant digits, and all of its whole part."""
    if not math.isfinite(value):
        return str(value)
    if value.is_integer() and abs(value) < 1e15:
        return f"{value:.0f}"
    digits, size = precision + 3, math.floor(math.log10(abs(value)))
    if not -5 < size < 15:
        return f"{value:.{digits}g}"
    text = f"{value:.{max(0, digits - 1 - size)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def shown_time(seconds: float, precision: int) -> str:
    """A date; with `precision` 1 its minute, with 2 its second, UTC."""
    unit = ("D", "m", "s")[min(precision, 2)]
    moment = np.datetime64(int(seconds // 1), "s")
    return str(np.datetime_as_string(moment, unit=unit, casting="unsafe")).replace("T", " ")
