"""A learning rate that falls along half a cosine."""

import math
from typing import final

from recsys.schedule import Schedule
from recsys.types import Fraction, NonNegativeInt, PositiveInt


@final
class Cosine(Schedule):
    """factor = floor + (1 - floor) (1 + cos(pi p)) / 2, with p the share of the steps after the warm-up.

    Loshchilov and Hutter 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts", eq. 5, without restarts.

    Args:
        epochs: in which it falls to the floor, where it stays.
        warmup: steps in which it first rises in proportion; 0 for none.
        floor: the last factor.
    """

    def __init__(self, *, epochs: PositiveInt, warmup: NonNegativeInt = 0, floor: Fraction = 0.0) -> None:
        self.epochs, self.warmup, self.floor = epochs, warmup, floor

    def factor(self, step: int, batches: int) -> float:
        """Rising to 1 in the warm-up, then falling to the floor."""
        if step < self.warmup:
            return (step + 1) / self.warmup
        share = min(1.0, (step - self.warmup) / max(1, self.epochs * batches - self.warmup))
        return self.floor + (1 - self.floor) * (1 + math.cos(math.pi * share)) / 2
