"""What is done to the events beside labelling and splitting them."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import ClassVar, Literal

from recsys.types import Events, Need

Moment = Literal["loaded", "labelled", "train"]


class Preparation(ABC):
    """A rule that changes or leaves out events.

    Attributes:
        moment: `loaded`, before the label; `labelled`, before the split; or `train`, after it: then it is given
            the training events alone, so that valid and test stay as they are.
        depends: what its result depends on beside its arguments and the events, in a word.
    """

    needs: Collection[Need] = ()
    gives: frozenset[str] = frozenset()
    moment: ClassVar[Moment]
    depends: str = ""

    @abstractmethod
    def apply(self, events: Events) -> tuple[Events, Sequence[str]]:
        """The changed events, and what a reader of the results should know of the change, a line each.

        Raises:
            UserError: nothing would be left, or a column that is asked for is not there.
        """
