"""The one shape between sampling and loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Slate:
    """A batch of queries, each with a row of candidate items. Made by a sampler, and by the evaluation.

    Attributes:
        user: `[B]` int64, the query's user.
        items: `[B, C]` int64, or `[C]` when every row shares the candidates.
        labels: `[B, C]` float32, the target of each candidate.
        mask: `[B, C]` bool, which cells count.
        weights: `[B, C]` float32, importance; None means 1 everywhere.
        log_q: `[B, C]` or `[C]` float32, log of the probability that one draw of the sampler gives the
            candidate; only read where the label is 0. None where nothing was drawn.
        time: `[B]` int64 seconds, or None.
        context: encoded context columns and user features, each `[B, ...]`.
        features: encoded item and cross features at the query's time, each `[B, C, ...]`; item features
            `[C, ...]` where every row shares the candidates.
        tasks: labels of further tasks by name, each `[B, C]` float32, NaN where a cell has none.
        shares: among how many processes a batch was divided, of whose queries this is an equal share.
    """

    user: Tensor
    items: Tensor
    labels: Tensor
    mask: Tensor
    weights: Tensor | None = None
    log_q: Tensor | None = None
    time: Tensor | None = None
    context: Mapping[str, Tensor] = field(default_factory=dict)
    features: Mapping[str, Tensor] = field(default_factory=dict)
    tasks: Mapping[str, Tensor] = field(default_factory=dict)
    shares: int = 1
