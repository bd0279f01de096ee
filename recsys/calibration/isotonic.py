"""The monotone map that fits best, of whatever form."""

from typing import final

import torch
from torch import Tensor

from recsys.calibration import Calibrator, State
from recsys.ops import calibrating
from recsys.types import Need


@final
class Isotonic(Calibrator):
    """The non-decreasing step function of least squares, by pooling adjacent violators.

    Zadrozny and Elkan 2002, "Transforming Classifier Scores into Accurate Multiclass Probability Estimates".
    To the validation rows are added one positive below the lowest score and one negative above the
    highest: as with Platt's targets no probability is 0 or 1 then, so that the log loss is finite. Between two
    steps the logit is interpolated linearly; beyond the ends it stays. Scores of one step become equal.
    """

    needs = (Need("label.negatives", "it is fitted to rows of both labels"),)

    def fit(self, logit: Tensor, label: Tensor, *, odds: float) -> State:
        """`at`, the logits where steps begin and end, ascending, and `to`, the calibrated logits there.

        Raises:
            UserError: all rows have one label, or a logit is no finite number.
        """
        from scipy.optimize import isotonic_regression

        calibrating.require_both(logit, label)
        scores, place, rows = torch.unique(logit.cpu(), return_inverse=True, return_counts=True)
        positives = torch.zeros_like(scores).index_add_(0, place, (label.cpu() > 0).to(scores))
        ends = scores.new_ones(1)
        share = torch.cat([ends, positives / rows, ends - 1])
        weight = torch.cat([ends, rows.to(scores), ends])
        fitted = torch.from_numpy(isotonic_regression(share.numpy(), weights=weight.numpy()).x)[1:-1]
        edge = torch.ones_like(fitted, dtype=torch.bool)
        edge[1:-1] = (fitted[1:-1] != fitted[:-2]) | (fitted[1:-1] != fitted[2:])
        return {"at": scores[edge].tolist(), "to": fitted[edge].logit().tolist()}

    def apply(self, logit: Tensor, state: State) -> Tensor:
        """Interpolated logits, `[N]`."""
        at, to = logit.new_tensor(state["at"]), logit.new_tensor(state["to"])
        inside = logit.clamp(at[0], at[-1]).contiguous()
        right = torch.searchsorted(at, inside).clamp(min=1, max=max(len(at) - 1, 1))
        if len(at) == 1:
            return to.expand_as(logit).clone()
        left = right - 1
        part = (inside - at[left]) / (at[right] - at[left])
        return torch.lerp(to[left], to[right], part)
