"""No group of users so small that its members could be known by it."""

from collections.abc import Sequence
from typing import ClassVar, final

import polars as pl

from recsys.ops.restricting import everything, restrict
from recsys.preparation import Moment, Preparation
from recsys.types import ColumnType, Events, PositiveInt, UserError

TYPES: tuple[ColumnType, ...] = ("category", "flag", "number")


@final
class SmallGroups(Preparation):
    """Leave out the users of small groups, with their events and their row in the users' table.

    A group is the users that agree in all the columns together, a missing value being one more value: so in
    what is left each user is like at least `least` - 1 others in these columns (k-anonymity: Sweeney 2002,
    "k-anonymity: a model for protecting privacy"). Other columns can still tell users apart.

    Args:
        columns: of users, each a category, flag or number.
        least: the fewest users of a group that stays.
    """

    moment: ClassVar[Moment] = "loaded"

    def __init__(self, *, columns: Sequence[str], least: PositiveInt = 10) -> None:
        self.columns, self.least = tuple(dict.fromkeys(columns)), least

    def apply(self, events: Events) -> tuple[Events, Sequence[str]]:
        """Leave out the small groups.

        Raises:
            UserError: there is no such column, or every group is small.
        """
        self._check(events)
        size = events.users.select(pl.len().over(self.columns))
        stays = size.to_series() >= self.least
        if not stays.any():
            raise UserError(
                f"preparation.small_groups: no group of {', '.join(self.columns)} has {self.least} users; "
                "lower least, or name fewer columns"
            )
        kept = restrict(events, stays, everything(events.items))
        gone, rows = len(events.users) - len(kept.users), len(events.log) - len(kept.log)
        return kept, [f"{gone:,} users of groups with fewer than {self.least} are left out, with {rows:,} rows"]

    def _check(self, events: Events) -> None:
        declared = events.columns.user
        key = "preparation.small_groups.columns"
        if not self.columns:
            raise UserError(f"{key}: names no column; name columns of users, such as [country]")
        for column in self.columns:
            if declared.get(column) not in TYPES:
                found = f"is declared as {declared[column]}" if column in declared else "is no column of users"
                fit = [name for name, type_ in declared.items() if type_ in TYPES]
                raise UserError(f"{key}: {column} {found}; choose among {', '.join(fit) or 'none'}")
