"""How good a model is."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

from torch import Tensor

from recsys.types import Facts, Measurement, Need, Observed, Placement, Predictions, Ranking

Lists = TypeVar("Lists", Ranking, Placement)


class Metrics(ABC):
    """A family of metrics that read the same noun.

    Attributes:
        reads: `Ranking` (the best items of each query), `Placement` (where the relevant items stand among all
            candidates) or `Predictions` (labelled rows).
    """

    needs: Collection[Need] = ()
    gives: frozenset[str] = frozenset()
    reads: ClassVar[type]

    @property
    @abstractmethod
    def names(self) -> Sequence[str]:
        """The names of all values, in the order of the results table."""

    @abstractmethod
    def higher_is_better(self, name: str) -> bool:
        """Which way is better."""


class ListMetrics(Metrics, ABC, Generic[Lists]):
    """Metrics of each query's candidates, measured block by block, so that memory does not grow with users.

    Attributes:
        of_relevance: they tell how well relevant candidates are found, so that they can be restricted to
            relevant items of one kind.
    """

    of_relevance: ClassVar[bool] = False

    @property
    def depth(self) -> int:
        """How many positions of each ranking are read."""
        return 0

    @abstractmethod
    def observe(self, lists: Lists, facts: Facts) -> Observed:
        """What one block of queries comes to."""

    def conclude(self, observed: Observed, facts: Facts) -> Measurement:
        """All values of `names`; as it stands, means over users that have one."""
        values = {name: float(observed.per_user[name].nanmean()) for name in self.names}
        return Measurement(values, observed.per_user, observed.user)


class RowMetrics(Metrics, ABC):
    """Metrics of labelled rows."""

    reads = Predictions

    @abstractmethod
    def measure(self, rows: Predictions) -> Measurement:
        """All values of `names`."""

    @abstractmethod
    def weighted(self, rows: Predictions, weights: Tensor) -> Mapping[str, Tensor]:
        """Values under other weights of the rows, for intervals and slices.

        Args:
            weights: `[B, N]` float64, not negative: how often each row counts in each of B samples.

        Returns:
            `[B]` float64 by name, for the names that have such a value; NaN where a sample has none.
        """
