"""Labelled rows, the positive ones repeated."""

from typing import final

import torch

from recsys.ops import drawing, rows
from recsys.sampling import Sampler
from recsys.types import Need, Positive, Slate, TrainRows, UserError


@final
class Oversample(Sampler):
    """One candidate a row, with the row's own label; each row labelled above 0 comes `rate` times on average.

    It comes floor(rate) times, and once more with the probability that is left. The odds of a positive that a
    model learns are rate times the true ones, the mirror image of leaving negatives out: He et al. 2014,
    "Practical Lessons from Predicting Clicks on Ads at Facebook", sec. 6.3; calibration=undersampling takes
    that off again. Every row is used, so a step costs more where undersampling makes it cost less.

    Args:
        rate: how often a positive row comes, at least 1.
    """

    needs = (Need("label.negatives", "it sets repeated positives against them"),)
    gives = frozenset({"sampling.both", "sampling.tasks", "sampling.odds"})
    rows = "all"

    def __init__(self, *, rate: Positive = 5.0) -> None:
        super().__init__()
        if rate < 1:
            raise UserError(f"sampling.rate={rate}: would leave positives out; write a number of at least 1")
        self.rate, self.odds = rate, rate

    def forward(self, batch: TrainRows, generator: torch.Generator) -> Slate:
        """A slate `[b, 1]` with b >= B, rows in the order of the batch, copies side by side."""
        drawn = torch.rand(len(batch.label), generator=generator, device=generator.device)
        times = torch.where(batch.label > 0, int(self.rate) + (drawn < self.rate % 1).long(), 1)
        more = rows.select(batch, torch.repeat_interleave(times))
        return drawing.alone(more)
