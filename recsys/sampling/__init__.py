"""Which candidates a training step compares."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import ClassVar, Literal

import torch
from torch import nn

from recsys.types import Need, Slate, TrainRows


class Sampler(nn.Module, ABC):
    """From a batch of training rows to a slate. A module, so that its buffers follow the batch's device.

    Attributes:
        rows: whether batches are drawn from all training rows, from the positive ones only, or from all of them
            by page: the rows of one user at one second together.
        negatives_kept: share of the training rows labelled 0 that are used.
    """

    needs: Collection[Need] = ()
    gives: frozenset[str] = frozenset()
    rows: ClassVar[Literal["all", "positive", "page"]] = "positive"
    negatives_kept: float = 1.0

    @abstractmethod
    def forward(self, batch: TrainRows, generator: torch.Generator) -> Slate:
        """A slate of at most B rows, and at least one, for a batch of B rows.

        Args:
            generator: the only source of randomness; on the batch's device.
        """
