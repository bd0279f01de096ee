"""For whom, for what and when a model is good: groups that metrics are shown for."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence

from recsys.types import Attribute, Facts, Groups, HoldoutRows, Need


class Slicer(ABC):
    """One or more ways to part users, items or held-out rows into groups."""

    needs: Collection[Need] = ()
    gives: frozenset[str] = frozenset()

    @abstractmethod
    def groups(self, facts: Facts, rows: HoldoutRows, attributes: Mapping[str, Attribute]) -> Sequence[Groups]:
        """The groups, made from training counts and raw columns.

        Args:
            rows: the held-out rows that are measured.
            attributes: raw context columns of those rows, by name.

        Raises:
            UserError: a column that is asked for is not there.
        """
