"""The same learning rate throughout."""

from typing import final

from recsys.schedule import Schedule


@final
class NoSchedule(Schedule):
    """factor = 1."""

    def factor(self, step: int, batches: int) -> float:
        """1."""
        return 1.0
