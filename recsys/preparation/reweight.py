"""Each group of users counts alike, however large."""

from collections.abc import Sequence
from typing import ClassVar, Literal, final

import polars as pl

from recsys.ops.importance import times, weight_of
from recsys.preparation import Moment, Preparation
from recsys.types import ColumnType, Events, Fraction, UserError

TYPES: tuple[ColumnType, ...] = ("category", "flag")


@final
class Reweight(Preparation):
    """Weigh training rows by the group of their user, so that small groups are not drowned by large ones.

    A row of a group whose rows weigh n in sum is weighed by c n^-power. With power 1 all groups weigh the same
    in sum, with 0 rows do; c is such that the sum over what is counted stays. The weight is the row's own: of
    sampled negatives beside it see `recsys.ops.weighing`. Valid and test stay as they are. Weighting examples
    against the frequency of their group: Kamiran and Calders 2012, "Data preprocessing techniques for
    classification without discrimination", sec. 4.2.

    Args:
        column: of users, a category or a flag; a missing value is a group of its own.
        power: how far the groups are brought together.
        of: the rows that are summed: those with a label above 0, or all. Rows labelled 0 get their group's
            weight too.
    """

    gives = frozenset({"label.weights"})
    moment: ClassVar[Moment] = "train"

    def __init__(
        self, *, column: str, power: Fraction = 1.0, of: Literal["positives", "rows"] = "positives"
    ) -> None:
        self.column, self.power, self.of = column, power, of

    def apply(self, events: Events) -> tuple[Events, Sequence[str]]:
        """Multiply the weights.

        Raises:
            UserError: there is no such column, or it is of another type.
        """
        self._check(events)
        group = events.users[self.column].gather(events.log["user"])
        counted = (events.log["label"] > 0) if self.of == "positives" else events.log["label"].is_not_null()
        frame = pl.DataFrame(
            {"group": group, "weight": weight_of(events.log).cast(pl.Float64), "counted": counted}
        )
        sums = (
            frame.group_by("group", maintain_order=True)
            .agg(sum=(pl.col("weight") * pl.col("counted")).sum())
            .with_columns(factor=pl.when(pl.col("sum") > 0).then(pl.col("sum") ** -self.power))
        )
        scale = pl.col("sum").sum() / (pl.col("sum") * pl.col("factor")).sum()
        # A group of which nothing is counted has no weight to bring into line.
        factors = sums.select("group", (pl.col("factor") * scale).fill_null(1.0))
        joined = frame.join(factors, on="group", how="left", nulls_equal=True, maintain_order="left")
        smallest, largest = joined["factor"].min(), joined["factor"].max()
        note = f"rows of {len(sums):,} groups of {self.column} are weighed by {smallest:.3g} to {largest:.3g}"
        return times(events, joined["factor"]), [note]

    def _check(self, events: Events) -> None:
        declared = events.columns.user
        if declared.get(self.column) not in TYPES:
            key = f"preparation.reweight.column={self.column}"
            found = (
                f"is declared as {declared[self.column]}" if self.column in declared else "no column of users"
            )
            fit = [name for name, type_ in declared.items() if type_ in TYPES]
            raise UserError(f"{key}: {found}; choose among {', '.join(fit) or 'none'}")
