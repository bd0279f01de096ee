"""Cutting an event log by a mark on each row."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import polars as pl

from recsys.types import Events, Holdout, Split, Train, UserError

TRAIN, VALID, TEST, DROPPED = 0, 1, 2, 3


def cut(
    events: Events,
    part: pl.Series,
    notes: Sequence[str],
    *,
    valid: bool = True,
    advice: str = "change split.valid and split.test",
) -> Split:
    """Train, valid and test by the mark of each row, in the source's order.

    Args:
        part: `[N]`, one of TRAIN, VALID, TEST, DROPPED.
        valid: whether a validation part was asked for.
        advice: what to change where a part has no rows.

    Raises:
        UserError: a part that was asked for has no rows.
    """
    train, held, last = (replace(events, log=events.log.filter(part == mark)) for mark in (TRAIN, VALID, TEST))
    for name, one, asked in (("training", train, True), ("validation", held, valid), ("test", last, True)):
        if asked and not len(one.log):
            raise UserError(
                f"split: the {name} part would have no rows of {len(events.log):,}; {advice}, or "
                "choose another split (recsys list split)"
            )
    return Split(Train(train), Holdout(held), Holdout(last), tuple(notes))


def check_shares(valid: float, test: float) -> None:
    """Refuse shares that leave a part empty.

    Raises:
        UserError: names both.
    """
    if valid + test >= 1 or not test or not valid:
        raise UserError(
            f"split.valid={valid}, split.test={test}: both have to be above 0 and their sum below 1"
        )


def moment_at(ordered: pl.Series, share: float) -> int:
    """The moment before which this share of the times lies, nearly: times of one second stay together.

    Args:
        ordered: seconds, ascending.
    """
    return int(ordered[min(round(len(ordered) * share), len(ordered) - 1)])


def starts(time: pl.Series, valid: float, test: float) -> tuple[int, int]:
    """The moments at which valid and test begin, so that they have these shares of the times."""
    ordered = time.sort()
    return moment_at(ordered, 1 - valid - test), moment_at(ordered, 1 - test)


def draw_entities(entity: pl.Series, valid: float, test: float, seed: int) -> tuple[pl.Series, int, int]:
    """A mark for each row, the same for all rows of an entity, drawn at random.

    Args:
        entity: `[N]`, the user or item of each row.
        valid: share of the n distinct entities: round(n * (valid + test)) - round(n * test) are VALID.
        test: round(n * test) are TEST.

    Returns:
        The marks `[N]`, and how many entities are VALID and TEST.
    """
    known, row = np.unique(entity.to_numpy(), return_inverse=True)
    place = np.random.default_rng(seed).permutation(len(known))
    last, held = round(len(known) * test), round(len(known) * (valid + test))
    mark = np.where(place < last, TEST, np.where(place < held, VALID, TRAIN)).astype(np.int8)
    return pl.Series("part", mark[row]), held - last, last


def shown(seconds: int) -> str:
    """A moment for a person."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
