"""Where a run's curves go: Lightning loggers, each named in conf/logger."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class Closing(Protocol):
    """A logger that stays open from fitting to testing and is closed at the end of the run."""

    def close(self, *, failed: bool) -> None:
        """End the run."""
