"""What may be learnt from, and what is kept back for measuring."""

from abc import ABC, abstractmethod
from collections.abc import Collection

from recsys.types import Events, Need, Promise, Split


class Splitter(ABC):
    """A rule that cuts labelled events into train, valid and test.

    Attributes:
        promises: what the audit holds it to: where it is broken, no run starts.
    """

    needs: Collection[Need] = ()
    gives: frozenset[str] = frozenset()
    promises: frozenset[Promise] = frozenset()

    @abstractmethod
    def split(self, events: Events) -> Split:
        """Cut the events; every row goes to one part or is counted in the notes.

        Raises:
            UserError: a part would be empty.
        """
