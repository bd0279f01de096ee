"""A learning rate that rises at the start."""

from typing import final

from recsys.schedule import Schedule
from recsys.types import PositiveInt


@final
class LinearWarmup(Schedule):
    """factor = min(1, (step + 1) / steps).

    Goyal et al. 2017, "Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour", sec. 2.2.

    Args:
        steps: until the whole learning rate is reached.
    """

    def __init__(self, *, steps: PositiveInt = 100) -> None:
        self.steps = steps

    def factor(self, step: int, batches: int) -> float:
        """Rising to 1."""
        return min(1.0, (step + 1) / self.steps)
