"""What a model's scores come to, before any metric reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Ranking:
    """The best K candidates of each query, with what is needed to be exact about equal scores.

    Made by `ops.topk.rank`. Candidates of equal score form a tie: their order is taken as random, and metrics
    are expected values over it. A position beyond the candidates has `tie_size` 0.

    Attributes:
        user: `[Q]` int64.
        items: `[Q, K]` int64, best first.
        tie_size: `[Q, K]` int64, number of candidates with the score at this position.
        tie_relevant: `[Q, K]` int64, how many of them are relevant.
        tie_offset: `[Q, K]` int64, positions of the same tie that come before this one.
        relevant: `[Q]` int64, number of relevant candidates of the query.
    """

    user: Tensor
    items: Tensor
    tie_size: Tensor
    tie_relevant: Tensor
    tie_offset: Tensor
    relevant: Tensor


@dataclass(frozen=True)
class Predictions:
    """Scores of labelled rows. Made by the evaluation.

    Attributes:
        logit: `[N]` float32.
        label: `[N]` float32.
        user: `[N]` int64.
    """

    logit: Tensor
    label: Tensor
    user: Tensor
