"""Numbers about a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Measurement:
    """Made by a metric.

    Attributes:
        values: the metric's value by name (`ndcg@10`).
        per_user: the same for each user by name, each `[Q]`, for metrics that are a mean over users.
        user: `[Q]` int64, whose values `per_user` holds; None where it is empty.
    """

    values: Mapping[str, float]
    per_user: Mapping[str, Tensor] = field(default_factory=dict)
    user: Tensor | None = None


@dataclass(frozen=True)
class Monitor:
    """The number that early stopping and the choice of the best checkpoint look at. Made by `build`.

    Attributes:
        name: as logged (`valid/ndcg@10`).
        higher_is_better: which way is better.
    """

    name: str
    higher_is_better: bool
