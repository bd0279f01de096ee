"""Learn from what users chose, test on what was shown at random."""

from collections.abc import Collection
from typing import final

import numpy as np
import polars as pl

from recsys.ops.splits import TEST, TRAIN, VALID, cut
from recsys.split import Splitter
from recsys.types import Events, Fraction, Need, Split, UserError


@final
class Unbiased(Splitter):
    """The source's own test of random exposure: rows shown at random are test, the others train and valid.

    Schnabel et al. 2016, "Recommendations as Treatments": a test on what users chose themselves favours models
    that repeat the choice; one on items drawn at random does not. So the test part has no bias of exposure, and
    valid has the same as train. Rows of both kinds may be of the same time.

    Args:
        valid: share of the rows that were not shown at random: the last in time where the source has time
            (those of one second all go to valid), at random where not; above 0.
        seed: of the drawing.
    """

    needs: Collection[Need] = (Need("data.random_exposure", "its test part is what was shown at random"),)

    def __init__(self, *, valid: Fraction = 0.1, seed: int = 42) -> None:
        if valid == 1:
            raise UserError(f"split.valid={valid}: nothing is left to learn from; make it smaller than 1")
        self.valid, self.seed = valid, seed

    def split(self, events: Events) -> Split:
        """Mark each row by how it came to be shown.

        Raises:
            UserError: a part would be empty, or of a row nobody knows how it was shown.
        """
        drawn = events.log["random_exposure"]
        if drawn.has_nulls():
            row = drawn.is_null().arg_max() or 0
            raise UserError(f"split=unbiased: row {row + 1} of the log has no random_exposure; fill it in")
        chosen = events.log.filter(~drawn)
        held, note = self._last(chosen["time"]) if "time" in chosen.columns else self._any(len(chosen))
        part = np.full(len(drawn), TEST, dtype=np.int8)
        part[~drawn.to_numpy()] = np.where(held, VALID, TRAIN)
        notes = [
            *_early(events.log, part),
            f"test is the {int(drawn.sum()):,} rows that were shown at random",
            *note,
        ]
        return cut(events, pl.Series(part), notes, valid=self.valid > 0)

    def _any(self, number: int) -> tuple[np.ndarray, list[str]]:
        """Which of so many rows are valid, drawn at random."""
        draw = np.random.default_rng(self.seed).permutation(number)
        note = ["valid is drawn at random from the others: there is no time"] if self.valid else []
        return draw < round(number * self.valid), note

    def _last(self, time: pl.Series) -> tuple[np.ndarray, list[str]]:
        """Which rows are valid, from a moment on."""
        place = round(len(time) * (1 - self.valid))
        if not self.valid or place >= len(time):
            return np.zeros(len(time), dtype=bool), []
        return (time >= time.sort()[place]).to_numpy(), ["valid is the last of the others in time"]


def _early(log: pl.DataFrame, part: np.ndarray) -> list[str]:
    """How many test rows happened before the last of train."""
    if "time" not in log.columns or not (part == TRAIN).any():
        return []
    moment = log["time"].to_numpy()
    early = int((moment[part == TEST] < moment[part == TRAIN].max()).sum())
    return [
        f"{early:,} test rows are earlier than the last of train: this split parts by exposure, not by time"
    ]
