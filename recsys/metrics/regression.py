"""Metrics of rows whose labels are amounts."""

import math
from typing import final

import torch
from torch import Tensor

from recsys.metrics import RowMetrics
from recsys.ops import row_formulas as formulas
from recsys.ops.kendall import concordance
from recsys.types import Measurement, Need, Predictions, UserError


@final
class Regression(RowMetrics):
    """How far the scores are from the labels of held-out rows, and whether they are in the same order.

    - rmse: sqrt(mean of (score - label)^2)
    - mae: mean of |score - label|
    - kendall_tau: tau-b over all pairs of rows, (concordant - discordant) / sqrt(pairs that differ in score x
      pairs that differ in label): Kendall 1945, "The Treatment of Ties in Ranking Problems"; 0 where all scores
      are equal
    - kendall_tau_user: tau-b over pairs of the user's own rows, its mean over users that have two different
      labels; NaN where there is no such user
    """

    needs = (Need("label.real", "it compares scores with amounts"),)

    @property
    def names(self) -> list[str]:
        """Two of the distance, two of the order."""
        return ["rmse", "mae", "kendall_tau", "kendall_tau_user"]

    def higher_is_better(self, name: str) -> bool:
        """For those of the order."""
        return name.startswith("kendall")

    def measure(self, rows: Predictions) -> Measurement:
        """All metrics, and kendall_tau_user for each user that has two different labels.

        Raises:
            UserError: all held-out rows have the same label, or a score is not a number.
        """
        _refuse(rows)
        if bool((rows.label == rows.label[0]).all()):
            raise UserError(
                f"metrics.regression: all held-out rows are labelled {float(rows.label[0]):g}; hold out more, "
                "or choose metrics=ranking"
            )
        ones = torch.ones(1, len(rows.label), dtype=torch.float64, device=rows.label.device)
        values = {name: float(value) for name, value in self.weighted(rows, ones).items()}
        _, taus = _tau_b(rows, torch.zeros_like(rows.user))
        users, of_users = _tau_b(rows, rows.user)
        values["kendall_tau"] = float(taus)
        if not len(users):
            return Measurement({**values, "kendall_tau_user": math.nan})
        values["kendall_tau_user"] = float(of_users.mean())
        return Measurement(values, {"kendall_tau_user": of_users}, users)

    def weighted(self, rows: Predictions, weights: Tensor) -> dict[str, Tensor]:
        """Rmse and mae, `[B]`; a pair of rows has no weight of its own, so the others have none.

        Raises:
            UserError: a score is not a number.
        """
        _refuse(rows)
        error = rows.logit.double() - rows.label.double()
        return {
            "rmse": formulas.mean(weights, error.square()).sqrt(),
            "mae": formulas.mean(weights, error.abs()),
        }


def _refuse(rows: Predictions) -> None:
    if bool(rows.logit.isnan().any()):
        raise UserError("model: a score is not a number; lower optimizer.lr, or clip gradients")


def _tau_b(rows: Predictions, group: Tensor) -> tuple[Tensor, Tensor]:
    """Groups with two different labels, and tau-b of each, 0 where its scores are all equal."""
    groups, place = torch.unique(group, return_inverse=True)
    surplus, in_score, in_label = concordance(rows.logit, rows.label, place)
    some = in_label > 0
    tau = surplus / (in_score * in_label).sqrt().clamp_min(1)
    return groups[some], tau[some]
