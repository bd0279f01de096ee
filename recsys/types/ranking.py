"""What a model's scores come to, before any metric reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Grades:
    """Gains of the relevant candidates where relevance has grades above 1. Made by `ops.topk.rank`.

    Attributes:
        linear: `[Q, K]` float64, sum of the grades in the tie at each position.
        exponential: `[Q, K]` float64, sum of 2^grade - 1 likewise.
        best: `[Q, K]` float64, grades of the query's relevant candidates, highest first, then 0.
    """

    linear: Tensor
    exponential: Tensor
    best: Tensor


@dataclass(frozen=True)
class Ranking:
    """The best K candidates of each query, with what is needed to be exact about equal scores.

    Made by `ops.topk.rank`. Candidates of equal score form a tie: their order is taken as random, and metrics
    of relevance are expected values over it. `items` has them in the order of a fixed hash of user and item,
    so that what is shown is neither the file's order nor drawn. A position beyond the candidates has
    `tie_size` 0.

    Attributes:
        user: `[Q]` int64.
        items: `[Q, K]` int64, best first.
        tie_size: `[Q, K]` int64, number of candidates with the score at this position.
        tie_relevant: `[Q, K]` int64, how many of them are relevant.
        tie_offset: `[Q, K]` int64, positions of the same tie that come before this one.
        relevant: `[Q]` int64, number of relevant candidates of the query.
        hit: `[Q, K]` bool, whether the item listed at this position is relevant.
        score: `[Q, K]` float32.
        grades: None where every relevant candidate has grade 1.
    """

    user: Tensor
    items: Tensor
    tie_size: Tensor
    tie_relevant: Tensor
    tie_offset: Tensor
    relevant: Tensor
    hit: Tensor
    score: Tensor
    grades: Grades | None = None


@dataclass(frozen=True)
class Placement:
    """Where each relevant candidate stands among all candidates of its query. Made by `ops.placing.place`.

    Attributes:
        user: `[Q]` int64.
        candidates: `[Q]` int64, how many each query has.
        query: `[M]` int64, the row in `user` of each relevant candidate, ascending.
        above: `[M]` int64, candidates with a higher score.
        equal: `[M]` int64, candidates with the same score, itself included.
        equal_relevant: `[M]` int64, how many of those are relevant, itself included.
        relevant_above: `[M]` int64, relevant candidates with a higher score.
    """

    user: Tensor
    candidates: Tensor
    query: Tensor
    above: Tensor
    equal: Tensor
    equal_relevant: Tensor
    relevant_above: Tensor


@dataclass(frozen=True)
class Predictions:
    """Scores of labelled rows. Made by the evaluation.

    Attributes:
        logit: `[N]` float32.
        label: `[N]` float32.
        user: `[N]` int64.
        item: `[N]` int64.
        groups: `[N]` int64 by the name of an id column of the context (`session`): rows of one group share a
            number. `user` stands for itself.
        row: `[N]` int64, which held-out row each is; None where they are all, in their order.
    """

    logit: Tensor
    label: Tensor
    user: Tensor
    item: Tensor
    groups: Mapping[str, Tensor] = field(default_factory=dict)
    row: Tensor | None = None


@dataclass(frozen=True)
class Shown:
    """What is recommended to some users, a row an item, best first. Made by the evaluation.

    Attributes:
        user, item: `[N]` int64.
        score: `[N]` float32.
    """

    user: Tensor
    item: Tensor
    score: Tensor
