"""Labelled rows as they are."""

from typing import final

import torch

from recsys.ops import drawing
from recsys.sampling import Sampler
from recsys.types import Need, Slate, TrainRows


@final
class NoSampling(Sampler):
    """One candidate a row, with the row's own label."""

    needs = (Need("label.negatives", "it adds no negatives of its own", instead=("label.real",)),)
    gives = frozenset({"sampling.both", "sampling.tasks"})
    rows = "all"

    def forward(self, batch: TrainRows, generator: torch.Generator) -> Slate:
        """A slate `[B, 1]`."""
        return drawing.alone(batch)
