"""A learning rate that falls when the monitored metric gets no better."""

import math
from typing import Any, final

from recsys.schedule import Schedule
from recsys.types import Fraction, NonNegative, NonNegativeInt, Share


@final
class ReduceOnPlateau(Schedule):
    """factor = gamma ^ (times that more than `patience` validations in a row were no better than the best).

    To be of use its patience has to be less than that of early stopping.

    Args:
        patience: validations without a better value that are put up with.
        gamma: what the rate is multiplied by each time.
        min_delta: what counts as better, in units of the metric.
        floor: the least factor.
    """

    def __init__(
        self,
        *,
        patience: NonNegativeInt = 1,
        gamma: Share = 0.5,
        min_delta: NonNegative = 0.0,
        floor: Fraction = 0.0,
    ) -> None:
        self.patience, self.gamma, self.min_delta, self.floor = patience, gamma, min_delta, floor
        self.now, self.best, self.waited = 1.0, -math.inf, 0

    def factor(self, step: int, batches: int) -> float:
        """As the metric has it so far."""
        return self.now

    def see(self, value: float, *, higher_is_better: bool) -> None:
        """Count the epochs without a better value."""
        value = value if higher_is_better else -value
        if value > self.best + self.min_delta:
            self.best, self.waited = value, 0
            return
        self.waited += 1
        if self.waited > self.patience:
            self.now, self.waited = max(self.floor, self.now * self.gamma), 0

    def state(self) -> dict[str, Any]:
        """The factor, the best value, and the epochs since."""
        return {"now": self.now, "best": self.best, "waited": self.waited}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.now, self.best, self.waited = state["now"], state["best"], state["waited"]
