"""Scores as they are."""

from typing import final

from torch import Tensor

from recsys.calibration import Calibrator, State


@final
class NoCalibration(Calibrator):
    """logit' = logit."""

    def fit(self, logit: Tensor, label: Tensor, *, odds: float) -> State:
        """Nothing."""
        return {}

    def apply(self, logit: Tensor, state: State) -> Tensor:
        """The same logits, `[N]`."""
        return logit
