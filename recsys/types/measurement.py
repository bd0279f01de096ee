"""Numbers about a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Observed:
    """What a metric family makes of the lists of some queries, before it concludes. Made by `observe`.

    Of two blocks of queries the values per user are put one after the other, and the totals are added.

    Attributes:
        user: `[Q]` int64.
        per_user: values by name, each `[Q]` float64.
        totals: sums over the queries by name, of any shape (how often each item was shown).
    """

    user: Tensor
    per_user: Mapping[str, Tensor] = field(default_factory=dict)
    totals: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class Slice:
    """Metrics of one group. Made by the evaluation.

    Attributes:
        by: the way of parting (`user_activity`).
        group: the group's name.
        size: how many users (of ranking metrics) or rows (of row metrics) it has.
        small: fewer than `eval.min_slice`.
    """

    by: str
    group: str
    size: int
    small: bool
    values: Mapping[str, float]


@dataclass(frozen=True)
class Measurement:
    """Made by a metric; the evaluation adds intervals and slices.

    Attributes:
        values: the metric's value by name (`ndcg@10`).
        per_user: the same for each user by name, each `[Q]`, for metrics that are a mean over users.
        user: `[Q]` int64, whose values `per_user` holds; None where it is empty.
        intervals: low and high end of the confidence interval by name, where there is one.
        slices: the values of groups of users, items or rows.
        curves: tables for plotting by name, each column `[N]` (the reliability curve).
    """

    values: Mapping[str, float]
    per_user: Mapping[str, Tensor] = field(default_factory=dict)
    user: Tensor | None = None
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    slices: tuple[Slice, ...] = ()
    curves: Mapping[str, Mapping[str, Tensor]] = field(default_factory=dict)


@dataclass(frozen=True)
class Monitor:
    """The number that early stopping and the choice of the best checkpoint look at. Made by `build`.

    Attributes:
        name: as logged (`valid/ndcg@10`).
        higher_is_better: which way is better.
    """

    name: str
    higher_is_better: bool
