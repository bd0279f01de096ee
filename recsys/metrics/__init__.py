"""How good a model is."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import ClassVar, Generic, TypeVar

from recsys.types import Measurement, Need, Predictions, Ranking

Noun = TypeVar("Noun", Ranking, Predictions)


class Metrics(ABC, Generic[Noun]):
    """A family of metrics that read the same noun.

    Attributes:
        reads: `Ranking` (the best items of each user over the whole catalogue) or `Predictions` (labelled
            rows).
    """

    needs: Collection[Need] = ()
    gives: frozenset[str] = frozenset()
    reads: ClassVar[type]

    @property
    @abstractmethod
    def names(self) -> Sequence[str]:
        """The names of all values, in the order of the results table."""

    @property
    def depth(self) -> int:
        """How many positions of each ranking are read."""
        return 0

    @abstractmethod
    def higher_is_better(self, name: str) -> bool:
        """Which way is better."""

    @abstractmethod
    def measure(self, noun: Noun) -> Measurement:
        """All values of `names`."""
