"""What is known of a user, an item, and the two together at a moment, from the events before it."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from torch import Tensor

from recsys.types import Answer, Columns, History, Need

Index = Mapping[str, Tensor]
"""What a feature looks its answers up in: tensors by name, so that they can be stored and memory-mapped."""


class Feature(ABC):
    """Point-in-time columns: an answer at time t is made of events with a time below t, and of nothing else."""

    needs: Collection[Need] = (Need("data.time", "it counts what came before a moment"),)
    gives: frozenset[str] = frozenset()

    @property
    def files(self) -> Sequence[str]:
        """Paths of what it reads beside the history; data is prepared anew when one of them has changed."""
        return ()

    @abstractmethod
    def columns(self, declared: Columns) -> Sequence[Answer]:
        """The columns that it answers, known before any data is read.

        Raises:
            UserError: the source has no column that is asked for.
        """

    @abstractmethod
    def index(self, history: History) -> Index:
        """Sort the history so that moments can be looked up.

        Whatever is fitted (a prior, a graph) is fitted on the events that `fitted_on` marks.
        """

    @abstractmethod
    def answer(
        self,
        index: Index,
        side: Literal["user", "item", "cross"],
        user: Tensor | None,
        item: Tensor | None,
        time: Tensor,
    ) -> Mapping[str, Tensor]:
        """The columns of one side, for M questions at once, whatever their order.

        Args:
            user, item: `[M]` int64; None where the side does not need it.
            time: `[M]` int64 seconds.

        Returns:
            By name `[M]` float32 of a number, NaN where there is no answer (no event yet); `[M, L]` int64 of a
            sequence.
        """


def fitted_on(history: History) -> Tensor:
    """Which events may be fitted on, `[N]` bool: those up to the cut-off that are not held out.

    Where each user has a cut of her own (split=leave_last_out), held-out events lie before the cut-off too.
    """
    early = history.time <= history.cutoff
    return early if history.held is None else early & ~history.held
