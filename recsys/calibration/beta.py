"""A curve for each end of the probabilities."""

from typing import final

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from recsys.calibration import Calibrator, State
from recsys.ops import calibrating
from recsys.types import Need


@final
class Beta(Calibrator):
    """logit' = a log p - b log(1 - p) + c with p = sigmoid(logit), by maximum likelihood with Platt's targets.

    Kull, Silva Filho and Flach 2017, "Beta calibration: a well-founded and easily implemented improvement on
    logistic calibration for binary classifiers"; a and b are 0 or above, so the map is monotone. With
    a = b it is Platt's line.
    """

    needs = (Need("label.negatives", "it is fitted to rows of both labels"),)

    def fit(self, logit: Tensor, label: Tensor, *, odds: float) -> State:
        """`a`, `b` and `c`.

        Raises:
            UserError: all rows have one label, or a logit is no finite number.
        """
        calibrating.require_both(logit, label)
        columns = torch.stack([logsigmoid(logit), -logsigmoid(-logit), torch.ones_like(logit)], 1)
        a, b, c = calibrating.maximise(columns, calibrating.smoothed(label), bounded=2)
        return {"a": a, "b": b, "c": c}

    def apply(self, logit: Tensor, state: State) -> Tensor:
        """Logits on the curve, `[N]`."""
        return state["a"] * logsigmoid(logit) - state["b"] * logsigmoid(-logit) + state["c"]
