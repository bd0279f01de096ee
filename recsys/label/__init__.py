"""What counts as a positive."""

from abc import ABC, abstractmethod
from collections.abc import Collection

from recsys.types import Events, Need


class Label(ABC):
    """A rule from feedback to a label."""

    needs: Collection[Need] = ()
    gives: frozenset[str] = frozenset()

    @abstractmethod
    def apply(self, events: Events) -> Events:
        """The events with a column `label` (Float32); rows without a label are left out.

        Raises:
            UserError: no row is positive.
        """
