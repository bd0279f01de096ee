"""Several labels at once."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import final

import polars as pl

from recsys.label import Label
from recsys.types import CLOSES, TASK, Events, UserError

ROW = "row of multi"


@final
class Multi(Label):
    """Each task has its own label; that of the primary one is `label`, which is trained and measured by.

    The label of each task, the primary one too, is the column `label.tasks.<task>`, NaN where the task leaves
    the row out. Rows that the primary task leaves out are left out. The weight is that of the primary task; a
    row's labels are known when all of them are.

    Args:
        tasks: labels by name.
        primary: the name of one of them; None for the first.
    """

    def __init__(
        self, *, tasks: Mapping[str, Label] = MappingProxyType({}), primary: str | None = None
    ) -> None:
        if not tasks:
            raise UserError("label.tasks: there is none; write +label@label.tasks.<name>=<label>")
        self.primary = next(iter(tasks)) if primary is None else primary
        if self.primary not in tasks:
            raise UserError(f"label.primary={primary}: there is no such task; choose one of {', '.join(tasks)}")
        problems = [
            f"label.tasks.{name}: makes columns of its own" for name, task in tasks.items() if task.adds
        ]
        if problems:
            raise UserError(*(f"{problem}; choose it alone, without label=multi" for problem in problems))
        self.tasks = {self.primary: tasks[self.primary], **tasks}
        self.gives = tasks[self.primary].gives | {"label.tasks"}
        self.needs = tuple(dict.fromkeys(need for task in tasks.values() for need in task.needs))

    def apply(self, events: Events) -> Events:
        """Label by each task.

        Raises:
            UserError: a task finds nothing positive, or makes several rows of one.
        """
        numbered = replace(events, log=events.log.with_row_index(ROW))
        done = {name: self._of_task(name, numbered) for name in self.tasks}
        log = done[self.primary]
        for name, of_task in done.items():
            labels = of_task.select(ROW, pl.col("label").alias(TASK + name))
            log = log.join(labels, on=ROW, how="left", maintain_order="left")
        filled = [pl.col(TASK + name).fill_null(float("nan")) for name in done]
        late = [of_task.select(ROW, CLOSES) for of_task in done.values() if CLOSES in of_task.columns]
        if late:
            latest = pl.concat(late).group_by(ROW).agg(pl.col(CLOSES).max())
            log = log.drop(CLOSES, strict=False).join(latest, on=ROW, how="left", maintain_order="left")
        return replace(events, log=log.with_columns(filled).drop(ROW))

    def _of_task(self, name: str, events: Events) -> pl.DataFrame:
        try:
            log = self.tasks[name].apply(events).log
        except UserError as error:
            raise UserError(*(f"label.tasks.{name}: {problem}" for problem in error.problems)) from None
        if log[ROW].is_duplicated().any():
            raise UserError(
                f"label.tasks.{name}: makes several rows of one; choose it alone, without label=multi"
            )
        return log
