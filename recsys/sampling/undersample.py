"""Labelled rows, of the negative ones a share."""

from typing import final

import torch

from recsys.ops import drawing, rows
from recsys.sampling import Sampler
from recsys.types import Fraction, Need, Slate, TrainRows, UserError


@final
class Undersample(Sampler):
    """One candidate a row, with the row's own label; each row labelled 0 is used with probability `rate`.

    The odds of a positive that a model learns are 1 / rate of the true ones: He et al. 2014, "Practical Lessons
    from Predicting Clicks on Ads at Facebook", sec. 6.3. calibration=undersampling takes that off again. A
    batch of which nothing is left keeps its first row under a mask, so that it adds nothing to the loss.

    Args:
        rate: share of the rows labelled 0 that are used, drawn anew each epoch.
    """

    needs = (Need("label.negatives", "it leaves out a share of them"),)
    gives = frozenset({"sampling.both", "sampling.tasks", "sampling.odds"})
    rows = "all"

    def __init__(self, *, rate: Fraction = 0.1) -> None:
        super().__init__()
        if not rate:
            raise UserError("sampling.rate=0: leaves no row labelled 0; write a share above 0, up to 1")
        self.rate, self.odds = rate, 1 / rate

    def forward(self, batch: TrainRows, generator: torch.Generator) -> Slate:
        """A slate `[b, 1]` with 1 <= b <= B, rows in the order of the batch."""
        drawn = torch.rand(len(batch.label), generator=generator, device=generator.device)
        kept = (drawn < self.rate) | (batch.label > 0)
        taken = kept.clone()
        taken[0] |= ~kept.any()
        index = taken.nonzero().squeeze(1)
        left = rows.select(batch, index)
        return drawing.alone(left, kept[index])
