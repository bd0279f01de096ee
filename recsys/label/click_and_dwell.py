"""A click is a positive only where the user stayed."""

from typing import final

from recsys.label import Label
from recsys.ops.labels import feedback, labelled
from recsys.types import Events, Need, NonNegative


@final
class ClickAndDwell(Label):
    """1 where the impression was clicked and the user stayed at least so long, else 0.

    Args:
        seconds: the shortest stay that counts.
        click: the feedback column that holds the click: a flag, or a number of clicks; none may be missing.
        dwell: the feedback column that holds the stay in seconds; a missing stay counts as 0.
    """

    gives = frozenset({"label.negatives"})

    def __init__(
        self, *, seconds: NonNegative = 10.0, click: str = "click", dwell: str = "dwell_seconds"
    ) -> None:
        self.seconds, self.click, self.dwell = seconds, click, dwell
        self.needs = (
            Need(f"data.{click}", "it takes clicks as positives"),
            Need(f"data.{dwell}", "it asks how long the user stayed"),
        )

    def apply(self, events: Events) -> Events:
        """Label every row.

        Raises:
            UserError: nobody clicked and stayed, or a click is missing.
        """
        clicks = feedback(events, "label.click", self.click, ("flag", "number")).cast(float)
        stays = feedback(events, "label.dwell", self.dwell, ("number",)).fill_null(0.0)
        longest = stays.filter(clicks.fill_null(0) > 0).max() or 0
        problem = (
            f"label.seconds={self.seconds:g}: no row is positive, the longest stay after a click is {longest} "
            "seconds; lower it"
        )
        return labelled(events, clicks * (stays >= self.seconds).cast(float) > 0, problem)
