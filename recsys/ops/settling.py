"""Leaving out what was not yet known when the next part began."""

from dataclasses import replace

import polars as pl

from recsys.types import CLOSES, Events, Holdout, Split, Train, UserError


def settle(split: Split) -> Split:
    """The split without the rows whose label is known only after the next part has begun.

    A row's label is known from its second `label.closes` on, or at once where that is missing. Training rows
    have to be known before valid begins, and valid ones before test does: whatever their label, so that late
    outcomes are not missing among positives or negatives alone.

    Raises:
        UserError: labels are known later and the split has no cut-offs; or a part would be empty.
    """
    if CLOSES not in split.train.events.log.columns:
        return split
    if split.cutoffs is None:
        raise UserError("split: its labels come late, so it has to be at two moments; choose split=temporal")
    valid_from, test_from = split.cutoffs
    train, late = _known(split.train.events, valid_from, "training")
    valid, later = _known(split.valid.events, test_from, "validation")
    note = (
        f"{late:,} training and {later:,} validation rows whose outcome was not yet known when the next part "
        "began are in no part"
    )
    return replace(split, train=Train(train), valid=Holdout(valid), notes=(*split.notes, note))


def _known(events: Events, before: int, part: str) -> tuple[Events, int]:
    """The events whose label was known before a second, and how many were not."""
    log = events.log.filter((pl.col(CLOSES) < before) | pl.col(CLOSES).is_null())
    if len(events.log) and not len(log):
        raise UserError(
            f"label.seconds: the outcome of none of the {len(events.log):,} {part} rows was known before the "
            "next part began; shorten it, or hold out less"
        )
    return replace(events, log=log), len(events.log) - len(log)
