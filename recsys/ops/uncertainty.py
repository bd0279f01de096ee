"""How far a value measured on some users may lie from the value over all users like them."""

import math
from collections.abc import Callable, Iterator, Mapping

import torch
from torch import Tensor

CELLS = 2**20
"""Numbers of a block of samples: 8 MB of float64, whatever the number of users."""


def interval(
    values: Tensor, *, confidence: float = 0.95, samples: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """Confidence interval of a mean over users: BCa bootstrap (Efron 1987).

    Args:
        values: `[n]`, one of each user; NaN where a user has none.

    Returns:
        Low and high end; both the value where all are equal, NaN where there are none.
    """
    return intervals({"": values}, confidence=confidence, samples=samples, seed=seed)[""]


def intervals(
    columns: Mapping[str, Tensor], *, confidence: float = 0.95, samples: int = 1000, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """The same for many metrics of the same users, which share the resamples.

    Args:
        columns: each `[n]`, NaN where a user has no value: she is left out of that column's mean.
    """
    if not columns:
        return {}
    table = torch.stack([column.double().cpu() for column in columns.values()], 1)
    present = ~table.isnan()
    filled = torch.where(present, table, 0.0)
    sizes = present.sum(0)
    points = filled.sum(0) / sizes
    away = torch.where(present, filled - points, 0.0)
    drawn = _means(filled, present, samples, seed)
    acceleration = _acceleration(away)
    found = {}
    for place, name in enumerate(columns):
        own = table[present[:, place], place]
        if len(own) == 0 or bool((own == own[0]).all()):
            same = float(own[0]) if len(own) else float("nan")
            found[name] = (same, same)
        else:
            a = float(acceleration[place])
            found[name] = corrected(
                drawn[:, place], float(points[place]), acceleration=a, confidence=confidence
            )
    return found


def corrected(
    drawn: Tensor, point: float, *, acceleration: float = 0.0, confidence: float = 0.95
) -> tuple[float, float]:
    """Ends of a bootstrap interval from the values of the samples.

    With z0 the normal quantile of the share of samples below the point (equal ones count one half) and a the
    acceleration, the ends are the quantiles at Phi(z0 + (z0 + z) / (1 - a (z0 + z))), z = -1.96 and 1.96 at
    95 % (Efron 1987, equation 3.9). An acceleration of 0 makes it the bias-corrected interval.

    Args:
        drawn: `[B]`, NaN where a sample has no value.
    """
    drawn = drawn[~drawn.isnan()].double()
    if len(drawn) == 0 or math.isnan(point):
        return float("nan"), float("nan")
    # Sums of the same numbers in another order differ in their last digits: those are equal too.
    slack = 1e-12 * float(drawn.abs().max())
    below, equal = (drawn < point - slack).sum(), ((drawn - point).abs() <= slack).sum()
    share = ((below.double() + equal.double() / 2) / len(drawn)).clamp(0.5 / len(drawn), 1 - 0.5 / len(drawn))
    z0 = torch.special.ndtri(share)
    tail = (1 - confidence) / 2
    z = z0 + torch.special.ndtri(torch.tensor([tail, 1 - tail], dtype=torch.float64))
    at = torch.special.ndtr(z0 + z / (1 - acceleration * z))
    low, high = torch.quantile(drawn, at).tolist()
    return low, high


def weighted_interval(
    measure: Callable[[Tensor], Mapping[str, Tensor]],
    user: Tensor,
    points: Mapping[str, float],
    *,
    confidence: float = 0.95,
    samples: int = 1000,
    seed: int = 0,
) -> dict[str, tuple[float, float]]:
    """Bias-corrected intervals of metrics of rows that are no means (ROC AUC); users are drawn, not rows.

    Args:
        measure: from weights `[B, N]` of the rows to values `[B]` by name, NaN where a sample has none.
        user: `[N]`, whose row it is.
        points: the values themselves; intervals are given for those names that `measure` also returns.
    """
    blocks: dict[str, list[Tensor]] = {}
    for weights in resample_users(user, samples, seed):
        for name, values in measure(weights).items():
            blocks.setdefault(name, []).append(values.double().cpu())
    return {
        name: corrected(torch.cat(blocks[name]), point, confidence=confidence)
        for name, point in points.items()
        if name in blocks
    }


def resample_users(user: Tensor, samples: int, seed: int) -> Iterator[Tensor]:
    """Row weights of samples of users with replacement: how often the row's user was drawn.

    Rows of one user hang together, so drawing rows would give intervals that are too narrow.

    Args:
        user: `[N]`, whose row it is.

    Yields:
        `[b, N]` float64 on the device of `user`; `samples` rows in all.
    """
    distinct, place = torch.unique(user, return_inverse=True)
    for counts in resample(len(distinct), samples, seed, width=len(user)):
        yield counts.to(user.device)[:, place]


def resample(n: int, samples: int, seed: int, width: int = 0) -> Iterator[Tensor]:
    """How often each of n is drawn in n draws with replacement.

    Args:
        width: numbers that the caller makes of each sample, where more than n.

    Yields:
        `[b, n]` float64; `samples` rows in all.
    """
    if n == 0:
        return
    generator = torch.Generator().manual_seed(seed)
    block = max(1, CELLS // max(n, width))
    for start in range(0, samples, block):
        rows = min(block, samples - start)
        draws = torch.randint(n, (rows, n), generator=generator)
        draws += torch.arange(rows)[:, None] * n
        yield torch.bincount(draws.flatten(), minlength=rows * n).view(rows, n).double()


def _means(filled: Tensor, present: Tensor, samples: int, seed: int) -> Tensor:
    """`[samples, M]` means of resampled users; NaN where none with a value was drawn."""
    whole = bool(present.all())
    counted = present.double()
    means = []
    for weights in resample(len(filled), samples, seed):
        sizes = float(len(filled)) if whole else weights @ counted
        means.append((weights @ filled) / sizes)
    return torch.cat(means) if means else filled.new_empty(0, filled.shape[1])


def _acceleration(away: Tensor) -> Tensor:
    """`[M]`: sum of d^3 / (6 (sum of d^2)^1.5), d a user's distance from the mean (Efron 1987, equation 4.4).

    It is the jackknife's acceleration, which for a mean has this closed form.
    """
    return away.pow(3).sum(0) / (6 * away.square().sum(0).pow(1.5)).clamp_min(1e-300)
