"""What came first is learnt from."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import final

import polars as pl

from recsys.ops.splits import TEST, TRAIN, VALID, check_shares, cut, shown, starts
from recsys.split import Splitter
from recsys.types import Events, Fraction, Need, Promise, Split, UserError


@final
class Temporal(Splitter):
    """Cut the log at two moments: what happens from the second on is test, between the two valid.

    Rows of one and the same second are never parted: they all go to the later part.

    Args:
        valid: share of all rows, the moment is chosen by it.
        test: share of all rows, the last ones.
        valid_from: ISO date or date and time, UTC, instead of a share; together with `test_from`.
        test_from: likewise.
    """

    gives = frozenset({"split.cutoff"})
    needs = (Need("data.time", "it orders all events by time"),)
    promises: frozenset[Promise] = frozenset({"time"})

    def __init__(
        self,
        *,
        valid: Fraction = 0.1,
        test: Fraction = 0.1,
        valid_from: str | None = None,
        test_from: str | None = None,
    ) -> None:
        check_shares(valid, test)
        if (valid_from is None) != (test_from is None):
            raise UserError("split.valid_from and split.test_from go together: give both or none")
        self.shares = (valid, test)
        self.dates = None
        if valid_from is not None and test_from is not None:
            self.dates = (_moment("split.valid_from", valid_from), _moment("split.test_from", test_from))
            if self.dates[0] >= self.dates[1]:
                raise UserError(f"split.valid_from={valid_from}: has to be before split.test_from={test_from}")

    def split(self, events: Events) -> Split:
        """Cut at the two moments."""
        time = events.log["time"]
        first, second = self.dates or starts(time, *self.shares)
        part = TRAIN + (time >= first).cast(pl.Int8) * VALID + (time >= second).cast(pl.Int8) * (TEST - VALID)
        notes = [f"valid from {shown(first)}, test from {shown(second)}", _tie_note(time, first, second)]
        return replace(cut(events, part, notes), cutoffs=(first, second))


def _tie_note(time: pl.Series, first: int, second: int) -> str:
    """How many rows lie on a cut, and where they went."""
    valid, test = int((time == first).sum()), int((time == second).sum())
    return (
        f"rows in the second of the cut: {valid:,} where valid begins, {test:,} where test begins; those of "
        "one second all went to the later part, whatever their order in the log"
    )


def _moment(key: str, text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(f"{key}={text!r}: no date; write one like 2025-06-01 or 2025-06-01T12:00:00") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
