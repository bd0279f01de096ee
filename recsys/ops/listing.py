"""What users are shown: the first k positions of a ranking that hold a candidate."""

from collections.abc import Sequence

import torch
from torch import Tensor

from recsys.types import Ranking, UserError


def depths(key: str, ks: Sequence[int], least: int = 1) -> tuple[int, ...]:
    """The depths, each once, ascending.

    Args:
        key: of the config, for the message.

    Raises:
        UserError: there is none, or one is less than `least`.
    """
    if not ks or min(ks) < least:
        raise UserError(f"{key}={list(ks)}: at least one depth of {least} or more, for example [10]")
    return tuple(sorted(set(ks)))


def shown(ranking: Ranking) -> Tensor:
    """Which positions hold a candidate, `[Q, K]` bool."""
    return ranking.tie_size > 0


def mean(values: Tensor, counted: Tensor, k: int, empty: float = 0.0) -> Tensor:
    """The mean of the counted values among the first k of each row, `[Q]` float64.

    Args:
        values: `[Q, K]`; what is not counted may be NaN.
        counted: `[Q, K]` bool.
        empty: the mean of a row without any.
    """
    counted = counted[:, :k]
    number = counted.sum(1)
    total = torch.where(counted, values[:, :k].double(), 0).sum(1)
    return torch.where(number > 0, total / number.clamp_min(1), empty)
