"""Where events come from. A source declares its columns by type and reads them on demand."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import ClassVar

from recsys.types import Columns, Events, Need


class Source(ABC):
    """A source of events. Its constructor reads nothing.

    Attributes:
        needs: none by default; see `recsys.types.Need`.
        impressions: whether a row of the log is an item shown rather than an item taken up.
        parted: whether the publisher has split the log, which then has a column `part`.
        links: whether items are the users themselves, in the same order, and each link is there both ways.
    """

    needs: ClassVar[Collection[Need]] = ()
    impressions: ClassVar[bool] = False
    parted: ClassVar[bool] = False
    links: ClassVar[bool] = False

    @property
    @abstractmethod
    def columns(self) -> Columns:
        """The declared columns, known before anything is read."""

    @property
    def gives(self) -> frozenset[str]:
        """`data.time` where events have a time, `data.part` where the publisher has split them, `data.links`
        where items are users, and `data.<column>` for each feedback column.
        """
        columns = self.columns
        time = {"data.time"} if "time" in columns.context.values() else set()
        part = {"data.part"} if self.parted else set()
        links = {"data.links"} if self.links else set()
        return frozenset({f"data.{name}" for name in columns.feedback} | time | part | links)

    @abstractmethod
    def fingerprint(self) -> str:
        """What `load` would read, in a word: equal fingerprints mean equal events.

        Raises:
            UserError: a file is missing.
        """

    @abstractmethod
    def load(self) -> Events:
        """Read, check and index the events.

        Raises:
            UserError: the data cannot be read; names the file, row and column.
        """
