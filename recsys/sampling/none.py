"""Labelled rows as they are."""

from typing import final

import torch

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
        labels = batch.label[:, None]
        return Slate(
            user=batch.user,
            items=batch.item[:, None],
            labels=labels,
            mask=torch.ones_like(labels, dtype=torch.bool),
            weights=None if batch.weight is None else batch.weight[:, None],
            time=batch.time,
            context=batch.context,
            tasks={name: values[:, None] for name, values in batch.tasks.items()},
        )
