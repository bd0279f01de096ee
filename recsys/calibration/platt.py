"""A line through the logits."""

from typing import final

import torch
from torch import Tensor

from recsys.calibration import Calibrator, State
from recsys.ops import calibrating
from recsys.types import Need


@final
class Platt(Calibrator):
    """logit' = a logit + b, by maximum likelihood with Platt's targets.

    Platt 1999, "Probabilistic Outputs for Support Vector Machines and Comparisons to Regularized Likelihood
    Methods". a is held at 0 or above, so that the order of scores is never reversed.
    """

    needs = (Need("label.negatives", "it is fitted to rows of both labels"),)

    def fit(self, logit: Tensor, label: Tensor, *, odds: float) -> State:
        """`slope` a and `intercept` b.

        Raises:
            UserError: all rows have one label, or a logit is no finite number.
        """
        calibrating.require_both(logit, label)
        columns = torch.stack([logit, torch.ones_like(logit)], 1)
        slope, intercept = calibrating.maximise(columns, calibrating.smoothed(label), bounded=1)
        return {"slope": slope, "intercept": intercept}

    def apply(self, logit: Tensor, state: State) -> Tensor:
        """Logits on the line, `[N]`."""
        return state["slope"] * logit + state["intercept"]
