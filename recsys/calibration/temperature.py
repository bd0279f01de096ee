"""Logits over a temperature."""

from typing import final

from torch import Tensor

from recsys.calibration import Calibrator, State
from recsys.ops import calibrating
from recsys.types import Need


@final
class Temperature(Calibrator):
    """logit' = logit / T, by maximum likelihood with Platt's targets.

    Guo et al. 2017, "On Calibration of Modern Neural Networks", sec. 4.2. It corrects scores that are too sure
    or not sure enough; p = 0.5 stays, so it cannot correct a shift (see platt and undersampling). 1 / T is what
    is fitted, at 0 or above: 0 where the scores tell nothing.
    """

    needs = (Need("label.negatives", "it is fitted to rows of both labels"),)

    def fit(self, logit: Tensor, label: Tensor, *, odds: float) -> State:
        """`inverse_temperature` 1 / T.

        Raises:
            UserError: all rows have one label, or a logit is no finite number.
        """
        calibrating.require_both(logit, label)
        (inverse,) = calibrating.maximise(logit[:, None], calibrating.smoothed(label), bounded=1)
        return {"inverse_temperature": inverse}

    def apply(self, logit: Tensor, state: State) -> Tensor:
        """Scaled logits, `[N]`."""
        return logit * state["inverse_temperature"]
