"""Which of several models is better, how sure that is, and what could not have been seen."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import torch
from torch import Tensor

from recsys.ops.paired import detectable, holm, moved_by_seeds, p_values
from recsys.ops.uncertainty import intervals
from recsys.report.groups import Group

LEVEL = 0.05
"""From which p on a difference is not called real."""
ROUNDING = 1e-12
"""Means of equal values may differ by so much of their size."""


@dataclass(frozen=True)
class Mean:
    """A metric of a group: the mean over users of their means over seeds.

    Attributes:
        low, high: ends of the 95 % interval over users.
        seeds: the metric of each seed's run.
    """

    group: Group
    metric: str
    value: float
    low: float
    high: float
    seeds: tuple[float, ...]

    @property
    def deviation(self) -> float | None:
        """Standard deviation over seeds; None of a single seed."""
        return statistics.stdev(self.seeds) if len(self.seeds) > 1 else None


@dataclass(frozen=True)
class Difference:
    """The first group's metric less the second's, of the same users.

    Attributes:
        low, high: ends of the 95 % interval over users.
        p: of no difference.
        adjusted: the same after Holm's correction for all differences of the comparison.
        detectable: the difference that the users would show four times in five.
        higher_is_better: None where the runs do not say.
    """

    first: Mean
    second: Mean
    value: float
    low: float
    high: float
    p: float
    adjusted: float
    detectable: float
    higher_is_better: bool | None

    @property
    def real(self) -> bool:
        """No chance of the users, as far as the test says."""
        return self.adjusted <= LEVEL

    @property
    def of_seeds(self) -> float:
        """How far other seeds move the difference, as far as there are several (95 %)."""
        return moved_by_seeds(self.first.seeds, self.second.seeds)


@dataclass(frozen=True)
class Comparison:
    """Several groups on one or more metrics.

    Attributes:
        test: that gave the p-values.
    """

    groups: tuple[Group, ...]
    means: tuple[Mean, ...]
    differences: tuple[Difference, ...]
    users: int
    test: str


def compare(groups: Sequence[Group], metrics: Sequence[str], test: str, *, against_first: bool) -> Comparison:
    """Compare every pair of groups, or all with the first.

    Args:
        groups: of the same test users.
        metrics: columns of all their `users.parquet`.
        test: `bootstrap`, `t` or `wilcoxon`.
    """
    tables = [_users(group, metrics) for group in groups]
    users = {(g, name): table[name].nanmean(1) for g, table in enumerate(tables) for name in metrics}
    keys, ends = list(users), intervals({str(key): values for key, values in users.items()})
    means = {
        (g, name): Mean(groups[g], name, _mean(users[g, name]), *ends[str((g, name))], _seeds(tables[g][name]))
        for g, name in sorted(keys, key=lambda key: metrics.index(key[1]))
    }
    pairs = [pair for pair in combinations(range(len(groups)), 2) if not (against_first and pair[0])]
    differences = {(a, b, name): _less(users[a, name], users[b, name]) for a, b in pairs for name in metrics}
    return Comparison(
        tuple(groups), tuple(means.values()), _tested(differences, means, test), len(users[keys[0]]), test
    )


def _less(one: Tensor, other: Tensor) -> Tensor:
    """Each user's difference, NaN where either has no value; what rounding alone leaves of equal means is 0."""
    difference = one - other
    equal = difference.abs() <= ROUNDING * torch.maximum(one.abs(), other.abs())
    return torch.where(equal, 0.0, difference)


def _tested(
    values: Mapping[tuple[int, int, str], Tensor], means: Mapping[tuple[int, str], Mean], test: str
) -> tuple[Difference, ...]:
    """Each difference with its interval and p-values, corrected for the number of all."""
    ends = intervals({str(key): difference for key, difference in values.items()})
    p = p_values(list(values.values()), test)
    return tuple(
        Difference(
            first=means[a, name],
            second=means[b, name],
            value=_mean(values[a, b, name]),
            low=ends[str((a, b, name))][0],
            high=ends[str((a, b, name))][1],
            p=plain,
            adjusted=adjusted,
            detectable=detectable(values[a, b, name], level=LEVEL / len(values)),
            higher_is_better=_direction((means[a, name], means[b, name])),
        )
        for (a, b, name), plain, adjusted in zip(values, p, holm(p), strict=True)
    )


def _users(group: Group, metrics: Sequence[str]) -> dict[str, Tensor]:
    """`[n, seeds]` of each metric, users in the order of their ids."""
    frames = [run.users(metrics) for run in group.runs]
    return {
        name: torch.stack([torch.tensor(frame[name].cast(float).to_numpy()) for frame in frames], 1)
        for name in metrics
    }


def _mean(values: Tensor) -> float:
    return float(values.nanmean())


def _seeds(table: Tensor) -> tuple[float, ...]:
    return tuple(table.nanmean(0).tolist())


def _direction(means: Sequence[Mean]) -> bool | None:
    said = [run.directions.get(mean.metric) for mean in means for run in mean.group.runs]
    return next((direction for direction in said if direction is not None), None)
