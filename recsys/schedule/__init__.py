"""How the learning rate changes while a model is trained."""

from abc import ABC, abstractmethod
from typing import Any


class Schedule(ABC):
    """From a step to what the chosen learning rate is multiplied by.

    Most schedules depend on the step alone, so that a run that goes on needs nothing else; one that watches the
    monitored metric keeps what it needs in a state.
    """

    @abstractmethod
    def factor(self, step: int, batches: int) -> float:
        """What the learning rate is multiplied by in a step.

        Args:
            step: of the optimizer, counted from 0 over all epochs.
            batches: steps an epoch.
        """

    def see(self, value: float, *, higher_is_better: bool) -> None:
        """Take note of the monitored metric at the end of an epoch that was validated."""
        return

    def state(self) -> dict[str, Any]:
        """What has to be known to go on, as plain values."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        return
