"""Users and items with enough events."""

from collections.abc import Sequence
from typing import ClassVar, Literal, final

import polars as pl

from recsys.ops.restricting import restrict
from recsys.preparation import Moment, Preparation
from recsys.types import Events, NonNegativeInt, UserError


@final
class KCore(Preparation):
    """Leave out users and items with few events, again and again until each that is left has enough.

    The others vanish with all their events: from the catalogue too, so that they are no candidates. It is done
    before the split, so valid and test hold the same users and items: a result holds for them alone, and cold
    ones are not measured.

    Args:
        users: the fewest events of a user.
        items: the fewest events of an item.
        of: the events that are counted: those with a label above 0, or all.
    """

    moment: ClassVar[Moment] = "labelled"

    def __init__(
        self,
        *,
        users: NonNegativeInt = 5,
        items: NonNegativeInt = 5,
        of: Literal["positives", "rows"] = "positives",
    ) -> None:
        self.users, self.items, self.of = users, items, of

    def apply(self, events: Events) -> tuple[Events, Sequence[str]]:
        """Leave out until nothing changes.

        Raises:
            UserError: nobody is left.
        """
        log = events.log.select("user", "item", "label")
        pairs = log.filter(pl.col("label") > 0) if self.of == "positives" else log
        while True:
            left = pairs.filter((pl.len().over("user") >= self.users) & (pl.len().over("item") >= self.items))
            if len(left) == len(pairs):
                break
            pairs = left
        if not len(pairs):
            raise UserError(
                f"preparation.k_core: no user is left with {self.users} {self.of} on items with {self.items}; "
                "lower users or items"
            )
        kept = restrict(events, _among(events.users, pairs["user"]), _among(events.items, pairs["item"]))
        note = (
            f"{len(kept.users):,} of {len(events.users):,} users, {len(kept.items):,} of {len(events.items):,} "
            f"items and {len(kept.log):,} of {len(events.log):,} rows are left"
        )
        return kept, [note]


def _among(frame: pl.DataFrame, index: pl.Series) -> pl.Series:
    """Which rows of an entity's frame are named by index."""
    return pl.arange(len(frame), dtype=pl.UInt32, eager=True).is_in(index.unique().implode())
