"""The correction for negatives that were left out, in closed form."""

import math
from typing import final

from torch import Tensor

from recsys.calibration import Calibrator, State
from recsys.types import Need


@final
class Undersampling(Calibrator):
    """q = p / (p + (1 - p) / w) where training used the share w of the negatives: logit' = logit + log w.

    He et al. 2014, "Practical Lessons from Predicting Clicks on Ads at Facebook", sec. 6.3. Nothing is fitted;
    what the model gets wrong by itself stays.
    """

    needs = (Need("sampling.kept", "it undoes the share of negatives that were left out"),)

    def fit(self, logit: Tensor, label: Tensor, *, negatives_kept: float) -> State:
        """The share w."""
        return {"negatives_kept": float(negatives_kept)}

    def apply(self, logit: Tensor, state: State) -> Tensor:
        """Shifted logits, `[N]`."""
        return logit + math.log(state["negatives_kept"])
