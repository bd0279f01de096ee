"""Cutting an event log by a mark on each row."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from recsys.types import Events, Holdout, Split, Train, UserError

TRAIN, VALID, TEST, DROPPED = 0, 1, 2, 3


def cut(events: Events, part: pl.Series, notes: Sequence[str], *, valid: bool = True) -> Split:
    """Train, valid and test by the mark of each row, in the source's order.

    Args:
        part: `[N]`, one of TRAIN, VALID, TEST, DROPPED.
        valid: whether a validation part was asked for.

    Raises:
        UserError: a part that was asked for has no rows.
    """
    train, held, last = (replace(events, log=events.log.filter(part == mark)) for mark in (TRAIN, VALID, TEST))
    for name, one, asked in (("training", train, True), ("validation", held, valid), ("test", last, True)):
        if asked and not len(one.log):
            raise UserError(
                f"split: the {name} part would have no rows of {len(events.log):,}; change split.valid and "
                "split.test, or choose another split (recsys list split)"
            )
    return Split(Train(train), Holdout(held), Holdout(last), tuple(notes))
