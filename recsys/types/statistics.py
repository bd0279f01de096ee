"""What is counted once in the training rows and handed to whoever asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from recsys.types.csr import Csr

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Counts:
    """How often each entity has a positive training row. Made by `ops.statistics.count`.

    Attributes:
        users: `[n_users]` int64.
        items: `[n_items]` int64.
        positives: number of positive rows.
        negatives: number of rows labelled 0.
    """

    users: Tensor
    items: Tensor
    positives: int
    negatives: int


@dataclass(frozen=True)
class Graph:
    """Who took up what in training: distinct positive (user, item) pairs, from both sides.

    Made by `ops.statistics.link`. A model is given it without rows of weight 0, samplers and metrics with them.
    """

    user_items: Csr
    item_users: Csr
