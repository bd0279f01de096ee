"""What counts as a positive."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from types import MappingProxyType

from recsys.types import ColumnType, Events, Need


class Label(ABC):
    """A rule from feedback to a label.

    Attributes:
        adds: context columns that it makes, by name.
        tasks: the rules of a label of several tasks by name, the one that is measured by first.
    """

    needs: Collection[Need] = ()
    gives: frozenset[str] = frozenset()
    adds: Mapping[str, ColumnType] = MappingProxyType({})
    tasks: Mapping[str, "Label"] = MappingProxyType({})

    @abstractmethod
    def apply(self, events: Events) -> Events:
        """The events with a column `label` (Float32); rows without a label are left out.

        It may add the columns `label.weight`, `label.closes` and `label.tasks.<task>`, see
        `recsys.types.Events`.

        Raises:
            UserError: no row is positive.
        """
