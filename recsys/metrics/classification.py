"""Metrics of rows labelled positive or negative."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, final

import torch
from torch import Tensor

from recsys.metrics import RowMetrics
from recsys.ops import grouped_auc, reliability
from recsys.ops import row_formulas as formulas
from recsys.types import Fraction, Measurement, Need, PositiveInt, Predictions, UserError

CELLS = 2**18
"""Weights worked on at once: what is computed between stays small, and near the caches."""


@dataclass(frozen=True)
class _Sorted:
    """Rows by score, the highest first.

    Attributes:
        order: `[N]`, places in the rows as given.
        ends: `[T]`, the last row of each distinct score.
        positive, negative, chance, log_loss: `[N]` float64.
        groups: by name; None where no group has both classes.
    """

    order: Tensor
    ends: Tensor
    positive: Tensor
    negative: Tensor
    chance: Tensor
    log_loss: Tensor
    groups: Mapping[str, grouped_auc.Arranged | None]


@final
class Classification(RowMetrics):
    """How well the scores tell positive rows (label above 0) from others, and how true their chances are.

    With y = 1 for a positive and 0 for a negative, p = sigmoid(score), P positives and N negatives:

    - roc_auc: chance that a positive scores above a negative, equal scores counting one half
    - gauc_<group>: sum_g n_g AUC_g / sum_g n_g over the groups with both classes, n_g being a group's rows: Zhu
      et al. 2017, "Optimized Cost per Click in Taobao Display Advertising"; NaN where no group has both
    - pr_auc: average precision, sum over scores t, the highest first, of (recall_t - recall_{t-1}) precision_t
    - f1: 2 TP / (2 TP + FP + FN), a row being called positive where p is at least the threshold
    - best_f1: the largest F1 over all thresholds
    - precision@recall<r>: the largest TP / (TP + FP) over the thresholds with TP / P at least r
    - log_loss: mean of -(y log p + (1 - y) log(1 - p))
    - normalized_entropy: log_loss / -(b log b + (1 - b) log(1 - b)) with the share b of positives; 1 is as good
      as saying b of every row: He et al. 2014, "Practical Lessons from Predicting Clicks on Ads at Facebook",
      eq. 1
    - brier: mean of (p - y)^2: Brier 1950
    - ece: sum over bins of (rows in it / rows) |mean p - share of positives|: Naeini et al. 2015

    Args:
        threshold: the probability from which on a row is called positive.
        recall: that precision@recall asks for.
        bins: of ece and of the reliability curve.
        binning: `mass` for bins of equally many rows, equal scores kept together; `width` for equal parts of
            [0, 1].
        group: what gauc_ groups rows by: `user`, or id columns of the context.
    """

    needs = (Need("label.negatives", "it tells positive rows from negative ones"),)

    def __init__(
        self,
        *,
        threshold: Fraction = 0.5,
        recall: Fraction = 0.8,
        bins: PositiveInt = 15,
        binning: Literal["mass", "width"] = "mass",
        group: Sequence[str] = ("user",),
    ) -> None:
        self.threshold, self.recall, self.bins, self.binning = threshold, recall, bins, binning
        self.group = tuple(dict.fromkeys(group))

    @property
    def names(self) -> list[str]:
        """How rows are told apart, then how true the chances are."""
        apart = ["roc_auc", *(f"gauc_{name}" for name in self.group), "pr_auc", "f1", "best_f1"]
        return [*apart, f"precision@recall{self.recall:g}", "log_loss", "normalized_entropy", "brier", "ece"]

    def higher_is_better(self, name: str) -> bool:
        """For all but those that measure the error of the chances."""
        return name not in ("log_loss", "normalized_entropy", "brier", "ece")

    def measure(self, rows: Predictions) -> Measurement:
        """All metrics, and the curve `reliability` of each bin's `predicted`, `observed` and `rows`.

        Raises:
            UserError: all held-out rows have the same label, a score is not a number, or a group is unknown.
        """
        positive = rows.label > 0
        if bool(positive.all()) or not bool(positive.any()):
            raise UserError(
                f"metrics.classification: all held-out rows are labelled {int(positive.any())}; hold out more, "
                "or choose metrics=ranking"
            )
        table = self._sort(rows)
        weights = torch.ones_like(table.chance)[None]
        values = {name: float(value) for name, value in self._under(table, weights).items()}
        return Measurement(values, curves={"reliability": self._curve(table, weights)})

    def weighted(self, rows: Predictions, weights: Tensor) -> dict[str, Tensor]:
        """All metrics, as if each row were there as often as it weighs; NaN where a sample lacks a class.

        A group weighs in gauc_ what its rows do, so one that is drawn twice counts twice.

        Raises:
            UserError: a score is not a number, or a group is unknown.
        """
        table = self._sort(rows)
        parts = [self._under(table, part) for part in weights.split(max(1, CELLS // len(table.order)))]
        return {name: torch.cat([part[name] for part in parts]) for name in self.names}

    def _sort(self, rows: Predictions) -> _Sorted:
        logit, positive = rows.logit.double(), (rows.label > 0).double()
        if bool(logit.isnan().any()):
            raise UserError("model: a score is not a number; lower optimizer.lr, or clip gradients")
        order, ends = formulas.by_score(logit)
        logit, positive = logit[order], positive[order]
        groups = {
            name: grouped_auc.arrange(self._members(name, rows)[order], logit, positive) for name in self.group
        }
        losses = formulas.log_losses(logit, positive)
        return _Sorted(order, ends, positive, 1 - positive, logit.sigmoid(), losses, groups)

    def _members(self, name: str, rows: Predictions) -> Tensor:
        known = {**rows.groups, "user": rows.user}
        if name not in known:
            raise UserError(
                f"metrics.classification.group={name}: no such id column of the context; there are: "
                + ", ".join(["user", *rows.groups])
            )
        return known[name]

    def _under(self, table: _Sorted, weights: Tensor) -> dict[str, Tensor]:
        """All metrics, `[B]`, under `[B, N]` weights of the rows as given."""
        weights = formulas.pick(weights, table.order)
        tp = formulas.up_to(weights * table.positive, table.ends)
        fp = formulas.up_to(weights * table.negative, table.ends)
        mass = tp + fp
        precision = formulas.precisions(tp, mass)
        log_loss = formulas.mean(weights, table.log_loss)
        grouped = {f"gauc_{name}": _grouped(arranged, weights) for name, arranged in table.groups.items()}
        return {
            "roc_auc": formulas.roc_auc(tp, fp),
            **grouped,
            "pr_auc": formulas.average_precision(tp, precision),
            "f1": formulas.f1(weights, (table.chance >= self.threshold).double(), table.positive),
            "best_f1": formulas.best_f1(tp, mass),
            f"precision@recall{self.recall:g}": formulas.precision_at_recall(tp, precision, self.recall),
            "log_loss": log_loss,
            "normalized_entropy": log_loss / formulas.entropy(precision[:, -1]),
            "brier": formulas.mean(weights, (table.chance - table.positive).square()),
            "ece": self._calibration_error(table, weights, mass),
        }

    def _calibration_error(self, table: _Sorted, weights: Tensor, mass: Tensor) -> Tensor:
        gap = formulas.up_to(weights * (table.chance - table.positive), table.ends)
        return reliability.calibration_error(gap, mass, self._cuts(table, mass))

    def _cuts(self, table: _Sorted, mass: Tensor) -> Tensor:
        if self.binning == "mass":
            return reliability.cuts_by_mass(mass, self.bins)
        return reliability.cuts_by_width(table.chance[table.ends], self.bins, len(mass))

    def _curve(self, table: _Sorted, weights: Tensor) -> dict[str, Tensor]:
        mass, tp, expected = (
            formulas.up_to(weights * values, table.ends)
            for values in (torch.ones_like(table.positive), table.positive, table.chance)
        )
        return reliability.curve(expected, tp, mass, self._cuts(table, mass))


def _grouped(arranged: grouped_auc.Arranged | None, weights: Tensor) -> Tensor:
    """The grouped AUC, `[B]`, under weights of the sorted rows."""
    if arranged is None:
        return weights.new_full((len(weights),), math.nan)
    return grouped_auc.grouped_auc(arranged, formulas.pick(weights, arranged.rows))
