"""The more the user did, the higher the grade."""

from collections.abc import Sequence
from dataclasses import replace
from typing import final

import polars as pl

from recsys.label import Label
from recsys.ops.labels import feedback, labelled
from recsys.types import Events, Need, NonNegative, UserError

LARGEST = 30
"""The grade whose gain, 2^grade - 1, and sums of it are exact enough in 32 bits; LightGBM's last one too."""


@final
class Graded(Label):
    """0 for an impression alone, 1 for a click, 2 for a click and a stay, 3 for further engagement.

    The label is the grade: ranking metrics read it as gain, and whatever is above 0 as relevant. Further
    engagement counts without a click too. A log that has grades already (LETOR's relevance), 0 to 30, names
    their column.

    Args:
        click: the feedback column that holds the click: a flag, or a number of clicks; none may be missing.
        dwell: the feedback column that holds the stay in seconds; a missing stay counts as 0.
        seconds: the shortest stay after a click that counts.
        further: feedback columns, flags or numbers, of which one above 0 is enough; missing counts as 0.
        grade: the feedback column that is the grade, instead of all of the above; None for the above.
    """

    gives = frozenset({"label.negatives", "label.grades"})

    def __init__(
        self,
        *,
        click: str = "click",
        dwell: str = "dwell_seconds",
        seconds: NonNegative = 10.0,
        further: Sequence[str] = ("like", "share"),
        grade: str | None = None,
    ) -> None:
        self.grade = grade
        self.click, self.dwell, self.seconds, self.further = click, dwell, seconds, tuple(further)
        self.needs = (
            Need(f"data.{click}", "a click is its first grade"),
            Need(f"data.{dwell}", "a stay after a click is its second grade"),
            *(Need(f"data.{column}", "it is its third grade") for column in self.further),
        )
        if grade is not None:
            self.needs = (Need(f"data.{grade}", "it is the grade"),)

    def apply(self, events: Events) -> Events:
        """Grade every row.

        Raises:
            UserError: every row has grade 0, a grade is none of 0 to 30, or a click or a grade is missing.
        """
        if self.grade is not None:
            grades = feedback(events, "label.grade", self.grade, ("number",)).cast(pl.Float32)
            beyond = ~grades.is_between(0, LARGEST)
            if beyond.any():
                row = beyond.arg_max() or 0
                raise UserError(
                    f"label.grade={self.grade}: the grade of row {row + 1} is {grades[row]}; grades are 0 to "
                    f"{LARGEST}, as they are read for gains 2^grade - 1; scale them, or choose label=regression"
                )
            return self._graded(events, grades, f"label.grade={self.grade}")
        clicked = feedback(events, "label.click", self.click, ("flag", "number")).cast(float) > 0
        stays = feedback(events, "label.dwell", self.dwell, ("number",)).fill_null(0.0)
        more = pl.repeat(value=False, n=len(stays), eager=True)
        for column in self.further:
            happened = feedback(events, "label.further", column, ("flag", "number")).cast(float) > 0
            more = more | happened.fill_null(False)
        frame = pl.DataFrame({"click": clicked, "stay": stays >= self.seconds, "more": more})
        grade = (
            pl.when(pl.col("click").is_null())
            .then(None)
            .when("more")
            .then(3)
            .otherwise(pl.col("click").cast(pl.Int64) + (pl.col("click") & pl.col("stay")).cast(pl.Int64))
        )
        grades = frame.select(grade.cast(pl.Float32).alias(self.click)).to_series()
        return self._graded(events, grades, f"label.click={self.click}")

    def _graded(self, events: Events, grades: pl.Series, key: str) -> Events:
        problem = f"{key}: no row is positive, every grade is 0; name other columns"
        done = labelled(events, grades > 0, problem)
        return replace(done, log=done.log.with_columns(grades.alias("label")))
