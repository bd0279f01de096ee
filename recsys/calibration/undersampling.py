"""The correction for a changed base rate, in closed form: negatives left out, or positives repeated."""

import math
from typing import final

from torch import Tensor

from recsys.calibration import Calibrator, State
from recsys.types import Need


@final
class Undersampling(Calibrator):
    """q = p / (p + (1 - p) r) where sampling made the odds of a positive r-fold: logit' = logit - log r.

    He et al. 2014, "Practical Lessons from Predicting Clicks on Ads at Facebook", sec. 6.3, with w = 1 / r the
    share of negatives that training used. Positives that are repeated r times raise the odds alike. Nothing
    is fitted; what the model gets wrong by itself stays.
    """

    needs = (Need("sampling.odds", "it undoes what sampling did to the odds of a positive"),)

    def fit(self, logit: Tensor, label: Tensor, *, odds: float) -> State:
        """The factor r."""
        return {"odds": float(odds)}

    def apply(self, logit: Tensor, state: State) -> Tensor:
        """Shifted logits, `[N]`."""
        return logit - math.log(state["odds"])
