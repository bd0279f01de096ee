"""A high rating is a positive, a low one a negative."""

from typing import final

from recsys.label import Label
from recsys.ops.labels import feedback, labelled
from recsys.types import Events, Need


@final
class RatingThreshold(Label):
    """1 where the rating is at least the threshold, 0 below; a missing rating is refused.

    Args:
        threshold: on the source's own scale.
        column: the feedback column that holds the rating, a number.
    """

    gives = frozenset({"label.negatives"})

    def __init__(self, *, threshold: float = 4.0, column: str = "rating") -> None:
        self.threshold, self.column = threshold, column
        self.needs = (Need(f"data.{column}", "it compares the rating with a threshold"),)

    def apply(self, events: Events) -> Events:
        """Label every row.

        Raises:
            UserError: no rating reaches the threshold, or one is missing.
        """
        ratings = feedback(events, "label.column", self.column, ("number",))
        problem = (
            f"label.threshold={self.threshold:g}: no row is positive, the highest {self.column} is "
            f"{ratings.max()}; lower the threshold"
        )
        return labelled(events, ratings >= self.threshold, problem)
