"""A learning rate that falls by steps."""

from typing import final

from recsys.schedule import Schedule
from recsys.types import Fraction, PositiveInt


@final
class Step(Schedule):
    """factor = gamma ^ floor(epoch / every).

    Args:
        every: epochs between two falls.
        gamma: what the rate is multiplied by each time.
    """

    def __init__(self, *, every: PositiveInt = 5, gamma: Fraction = 0.5) -> None:
        self.every, self.gamma = every, gamma

    def factor(self, step: int, batches: int) -> float:
        """Constant within an epoch."""
        return self.gamma ** (step // batches // self.every)
