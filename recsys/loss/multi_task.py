"""A loss for each task."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Literal, final

import torch
from torch import Tensor, nn

from recsys.loss import Loss
from recsys.nn import masked
from recsys.types import Need, NonNegative, Schema, Slate, Task, UserError


@final
class MultiTaskLoss(Loss):
    """The weighted sum of the tasks' losses: sum_t w_t L_t, cells without a label of t left out of L_t.

    A task without a loss of its own has the binary cross-entropy, or, of amounts, half the squared error.
    `weighting=fixed` takes the weights as given. `weighting=uncertainty` learns them beside: sum_t w_t
    (exp(-s_t) L_t c_t + s_t / 2) over the tasks of which a cell counts, with a learned s_t, log of a variance:
    Kendall, Gal and Cipolla 2018, "Multi-Task Learning Using Uncertainty to Weigh Losses for Scene Geometry and
    Semantics", eq. 7 and 10. c_t is 1, but 1/2 for a loss of its own of amounts, which is taken for the squared
    error without the half (`mse`; `huber` has the half already, and counts half as much).

    Args:
        tasks: losses by task.
        weighting: see above.
        weights: by task; a task without has 1.
    """

    gives = frozenset({"loss.tasks"})
    needs = (Need("model.tasks", "it compares each with a label of its own"),)

    def __init__(
        self,
        schema: Schema,
        *,
        tasks: Mapping[str, Loss] = MappingProxyType({}),
        weighting: Literal["fixed", "uncertainty"] = "fixed",
        weights: Mapping[str, NonNegative] | None = None,
    ) -> None:
        super().__init__()
        weights = weights or {}
        names = [task.name for task in schema.tasks]
        for key, given in (("tasks", tasks), ("weights", weights)):
            unknown = [name for name in given if name not in names]
            if unknown:
                raise UserError(
                    f"loss.{key}.{unknown[0]}: there is no such task; choose among {', '.join(names) or 'none'}"
                )
        self.tasks, self.own = schema.tasks, nn.ModuleDict(tasks)
        self.weights = [weights.get(name, 1.0) for name in names]
        self.log_variance = nn.Parameter(torch.zeros(len(names))) if weighting == "uncertainty" else None

    def forward(self, logits: Tensor, slate: Slate) -> Tensor:
        """The loss, a scalar, of predictions `[B, C, T]`."""
        total = logits.sum() * 0.0
        for place, (task, weight) in enumerate(zip(self.tasks, self.weights, strict=True)):
            if weight:
                labels = slate.tasks[task.name]
                labelled = replace(slate, labels=labels.nan_to_num(0.0), mask=slate.mask & ~labels.isnan())
                total = total + weight * self._of_task(place, logits[..., place], labelled)
        return total

    def _of_task(self, place: int, logits: Tensor, slate: Slate) -> Tensor:
        loss = self._loss(self.tasks[place], logits, slate)
        if self.log_variance is None:
            return loss
        task, spread = self.tasks[place], self.log_variance[place]
        factor = 0.5 if task.amount and task.name in self.own else 1.0
        return (-spread).exp() * factor * loss + masked.counting(slate).any() * spread / 2

    def _loss(self, task: Task, logits: Tensor, slate: Slate) -> Tensor:
        if task.name in self.own:
            return self.own[task.name](logits, slate)
        if task.amount:
            return masked.mean(0.5 * (logits - slate.labels).square(), masked.weight(slate))
        values = nn.functional.binary_cross_entropy_with_logits(logits, slate.labels, reduction="none")
        return masked.mean(values, masked.weight(slate))
