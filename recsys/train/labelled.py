"""What the scores of labelled rows come to, in slices and with intervals."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import final

import torch
from torch import Tensor

from recsys.metrics import RowMetrics
from recsys.ops import rows, uncertainty
from recsys.train.evaluator import HERE, Evaluator, members
from recsys.types import Groups, Measurement, Predictions, Slice, UserError

ROWS = ("logit", "label", "user", "item")


@final
class Labelled:
    """The scored rows of one measuring, block by block.

    Args:
        part: `valid` or `test`.
        groups: that results are shown for.
        details: with slices and intervals, not the values alone.
        calibrate: from logits to logits of calibrated probabilities.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        part: str,
        groups: Sequence[Groups],
        *,
        details: bool,
        calibrate: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        self.evaluator, self.part, self.groups, self.details = evaluator, part, groups, details
        self.calibrate = calibrate
        self.blocks: dict[str, list[Predictions]] = {}

    def see(self, predicted: Mapping[str, Predictions]) -> None:
        """Take in a block, by task."""
        for task, predictions in predicted.items():
            self.blocks.setdefault(task, []).append(rows.to_device(predictions, HERE))

    def conclude(self) -> dict[str, Measurement]:
        """All values by family."""
        return {name: self._measured(family) for name, family in self.evaluator.of_rows.items()}

    @cached_property
    def predictions(self) -> Predictions:
        """The scores of all labelled rows that have one, calibrated where a calibration was given."""
        logit, label, user, item = (
            torch.cat([getattr(block, name) for block in self.blocks[""]]) for name in ROWS
        )
        attributes = self.evaluator.encoded.attributes.get(self.part, {})
        columns = {name: a.values for name, a in attributes.items() if a.type == "id"}
        ids = {name: values for name, values in columns.items() if isinstance(values, Tensor)}
        kept = (logit != -torch.inf).nonzero().squeeze(1)
        whole = Predictions(logit, label, user, item, ids)
        if len(kept) < len(logit):
            whole = select(whole, kept)
        if self.calibrate is not None:
            whole = replace(whole, logit=self.calibrate(whole.logit.double()))
        return whole

    @cached_property
    def tasks(self) -> dict[str, Predictions]:
        """The scores of the rows that have a label of a further task, by task."""
        return {
            task: replace(blocks[0], **{n: torch.cat([getattr(b, n) for b in blocks]) for n in ROWS})
            for task, blocks in self.blocks.items()
            if task
        }

    def _measured(self, family: RowMetrics) -> Measurement:
        labelled = self.predictions
        measurement = family.measure(labelled)
        measurement = replace(measurement, values={**measurement.values, **self._of_tasks(family)})
        if not self.details:
            return measurement
        intervals = {}
        if self.evaluator.protocol.bootstrap:
            intervals = uncertainty.weighted_interval(
                lambda weights: family.weighted(labelled, weights),
                labelled.user,
                measurement.values,
                **self.evaluator.sampling,
            )
        return replace(measurement, intervals=intervals, slices=tuple(self._row_slices(family)))

    def _of_tasks(self, family: RowMetrics) -> dict[str, float]:
        """The family's values of the further tasks, which are of classes: metrics of amounts have none.

        Raises:
            UserError: as of the family, with the task.
        """
        if any(need.what == "label.real" for need in family.needs):
            return {}
        values = {}
        for task, predictions in self.tasks.items():
            try:
                measured = family.measure(predictions).values
            except UserError as error:
                raise UserError(*(f"task {task}: {reason}" for reason in error.problems)) from None
            values |= {f"{task}/{name}": value for name, value in measured.items()}
        return values

    def _row_slices(self, family: RowMetrics) -> Iterator[Slice]:
        predictions = self.predictions
        count = len(predictions.user)
        places = torch.arange(count) if predictions.row is None else predictions.row
        entity = {"user": predictions.user, "item": predictions.item, "row": places}
        for groups in self.groups:
            for number in range(len(groups.names)):
                kept = members(groups, number)[entity[groups.side]].nonzero().squeeze(1)
                if len(kept):
                    part = select(predictions, kept)
                    ones = torch.ones(1, len(kept), dtype=torch.float64)
                    values = {name: float(value[0]) for name, value in family.weighted(part, ones).items()}
                    yield self.evaluator.slice(groups, number, len(kept), values)


def select(predictions: Predictions, at: Tensor) -> Predictions:
    """Some of the rows."""
    return replace(
        predictions,
        logit=predictions.logit[at],
        label=predictions.label[at],
        user=predictions.user[at],
        item=predictions.item[at],
        groups={name: values[at] for name, values in predictions.groups.items()},
        row=at if predictions.row is None else predictions.row[at],
    )
