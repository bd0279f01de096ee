"""A click is a positive, an impression without one a negative."""

from typing import final

from recsys.label import Label
from recsys.ops.labels import feedback, labelled
from recsys.types import Events, Need


@final
class Click(Label):
    """1 where the impression was clicked, else 0; a missing value is refused.

    Args:
        column: the feedback column that holds the click: a flag, or a number of clicks.
    """

    gives = frozenset({"label.negatives"})

    def __init__(self, *, column: str = "click") -> None:
        self.column = column
        self.needs = (Need(f"data.{column}", "it takes clicks as positives"),)

    def apply(self, events: Events) -> Events:
        """Label every row.

        Raises:
            UserError: nobody clicked, or a value is missing.
        """
        clicks = feedback(events, "label.column", self.column, ("flag", "number"))
        problem = (
            f"label.column={self.column}: no row is positive, {self.column} is 0 throughout; "
            "name the column that holds what users did"
        )
        return labelled(events, clicks.cast(float) > 0, problem)
