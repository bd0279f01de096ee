"""Metrics of labelled rows."""

from typing import final

import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from recsys.metrics import Metrics
from recsys.types import Fraction, Measurement, Need, Predictions, UserError


@final
class Classification(Metrics[Predictions]):
    """How well the scores tell the labels of held-out rows.

    - roc_auc: chance that a positive scores above a negative, equal scores counting one half
    - pr_auc: average precision, sum over thresholds of (recall_n - recall_{n-1}) precision_n
    - log_loss: mean of -(y log p + (1 - y) log(1 - p)) with p = sigmoid(score)
    - f1: 2 TP / (2 TP + FP + FN), a row being called positive where p is at least the threshold

    Args:
        threshold: the probability from which on a row is called positive.
    """

    needs = (Need("label.negatives", "it tells positive rows from negative ones"),)
    reads = Predictions

    def __init__(self, *, threshold: Fraction = 0.5) -> None:
        self.threshold = threshold

    @property
    def names(self) -> list[str]:
        """The four metrics."""
        return ["roc_auc", "pr_auc", "log_loss", "f1"]

    def higher_is_better(self, name: str) -> bool:
        """For all but the log loss."""
        return name != "log_loss"

    def measure(self, noun: Predictions) -> Measurement:
        """All metrics.

        Raises:
            UserError: all held-out rows have the same label, or a score is not a number.
        """
        from torchmetrics.functional.classification import binary_auroc, binary_average_precision

        logits, positive = noun.logit.double(), noun.label > 0
        if bool(positive.all()) or not bool(positive.any()):
            raise UserError(
                f"metrics.classification: all held-out rows are labelled {int(positive.any())}; hold out more, "
                "or choose metrics=ranking"
            )
        if bool(logits.isnan().any()):
            raise UserError("model: a score is not a number; lower optimizer.lr, or clip gradients")
        # Places keep the order and the ties, which torchmetrics' sigmoid would round away.
        ranks = torch.unique(logits, return_inverse=True)[1].double()
        ordered = ranks / (ranks.max() + 1)
        called = logits.sigmoid() >= self.threshold
        right, wrong = (called & positive).sum(), (called != positive).sum()
        values = {
            "roc_auc": binary_auroc(ordered, positive.long()),
            "pr_auc": binary_average_precision(ordered, positive.long()),
            "log_loss": binary_cross_entropy_with_logits(logits, noun.label.double()),
            "f1": 2 * right / (2 * right + wrong).clamp_min(1),
        }
        return Measurement({name: float(value) for name, value in values.items()})
