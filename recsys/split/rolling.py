"""Several tests, one after the other in time."""

from dataclasses import replace
from typing import Literal, final

import polars as pl

from recsys.ops.splits import DROPPED, TEST, TRAIN, VALID, cut, moment_at, shown
from recsys.split import Splitter
from recsys.types import Events, Fraction, Need, NonNegativeInt, PositiveInt, Promise, Split, UserError


@final
class Rolling(Splitter):
    """One of several folds in time: each tests on the stretch after that of the one before.

    The tests follow each other without a gap or an overlap, and that of the last fold ends with the log. Each
    has `test` of all rows, the stretch before it `valid` of all rows as validation. With one fold it is
    split=temporal. Rows of one second are never parted: they all go to the later part. Rows after a fold's test
    are in no part of it. Cerqueira, Torgo and Mozetič 2020, "Evaluating time series forecasting models".

    Args:
        folds: how many there are.
        fold: the one that this run uses, counted from 0, the earliest first.
        valid: share of all rows.
        test: share of all rows, of each fold.
        window: `expanding` learns from all that is before; `sliding` from as many rows in each fold as there
            are in the first.
        gap: seconds before valid, and before test, whose rows are in no part: as if labels came that late.

    Raises:
        UserError: there is no such fold, or nothing is left to learn from.
    """

    gives = frozenset({"split.cutoff"})
    needs = (Need("data.time", "it orders all events by time"),)
    promises: frozenset[Promise] = frozenset({"time"})

    def __init__(
        self,
        *,
        folds: PositiveInt = 3,
        fold: NonNegativeInt = 0,
        valid: Fraction = 0.1,
        test: Fraction = 0.1,
        window: Literal["expanding", "sliding"] = "expanding",
        gap: NonNegativeInt = 0,
    ) -> None:
        if fold >= folds:
            raise UserError(
                f"split.fold={fold}: there are split.folds={folds}; write a number from 0 to {folds - 1}"
            )
        if not valid or not test or valid + folds * test >= 1:
            raise UserError(
                f"split.valid={valid}, split.test={test}, split.folds={folds}: both shares have to be above "
                "0, and valid + folds * test below 1"
            )
        self.folds, self.fold, self.valid, self.test = folds, fold, valid, test
        self.window, self.gap = window, gap

    def split(self, events: Events) -> Split:
        """Cut at the four moments of the fold."""
        time = events.log["time"]
        begin, first, second, end = self._moments(time.sort())
        at = pl.col("time")
        part = (
            pl.when((at >= begin) & (at < first - self.gap))
            .then(TRAIN)
            .when((at >= first) & (at < second - self.gap))
            .then(VALID)
            .when((at >= second) & (at < end))
            .then(TEST)
            .otherwise(DROPPED)
        )
        marks = events.log.select(part=part)["part"]
        advice = "change split.valid, split.test, split.folds and split.gap"
        split = cut(events, marks, self._notes(time, begin, first, second, end), advice=advice)
        return replace(split, cutoffs=(first, second))

    def _moments(self, ordered: pl.Series) -> tuple[int, int, int, int]:
        """When train, valid and test begin, and the first second after test."""
        left = self.folds - self.fold
        last = int(ordered[-1]) + 1
        slides = self.window == "sliding" and self.fold > 0
        begin = moment_at(ordered, self.fold * self.test) if slides else int(ordered[0])
        first = moment_at(ordered, 1 - self.valid - left * self.test)
        second = moment_at(ordered, 1 - left * self.test)
        return begin, first, second, last if left == 1 else moment_at(ordered, 1 - (left - 1) * self.test)

    def _notes(self, time: pl.Series, begin: int, first: int, second: int, end: int) -> list[str]:
        """Where the cuts lie, and what is in no part."""
        notes = [
            f"fold {self.fold} of {self.folds} ({self.window}): train from {shown(begin)}, valid from "
            f"{shown(first)}, test from {shown(second)} until before {shown(end)}"
        ]
        near = sum(
            int(time.is_between(max(m - self.gap, b), m, "left").sum())
            for b, m in ((begin, first), (first, second))
        )
        for rows, where in (
            (int((time < begin).sum()), "before train"),
            (near, f"within split.gap={self.gap} seconds before valid or test"),
            (int((time >= end).sum()), "after test"),
        ):
            if rows:
                notes.append(f"{rows:,} rows {where} are in no part")
        return notes
