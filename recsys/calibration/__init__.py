"""From scores to probabilities: fitted on the validation part, applied to what is measured and served."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import Any

from torch import Tensor

from recsys.types import Need

State = dict[str, Any]
"""What a calibrator was fitted to: numbers and lists of them, so that a checkpoint can carry it."""


class Calibrator(ABC):
    """A map from a logit to the logit of a calibrated probability, one for all rows."""

    needs: Collection[Need] = ()
    gives: frozenset[str] = frozenset()

    @abstractmethod
    def fit(self, logit: Tensor, label: Tensor, *, odds: float) -> State:
        """What is to be remembered of the validation rows.

        Args:
            logit: `[N]` float64.
            label: `[N]` float64, 0 or 1.
            odds: factor from the odds of a positive in the rows to those in what training saw, 1 where it saw
                all rows once.
        """

    @abstractmethod
    def apply(self, logit: Tensor, state: State) -> Tensor:
        """Calibrated logits, `[N]` float64."""
