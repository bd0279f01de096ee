"""Which candidates a training step compares."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import ClassVar, Literal

import torch
from torch import nn

from recsys.types import Need, Scorer, Slate, TrainRows


class Sampler(nn.Module, ABC):
    """From a batch of training rows to a slate. A module, so that its buffers follow the batch's device.

    Attributes:
        rows: whether batches are drawn from all training rows, from the positive ones only, or from all of
            them by page: the rows of one user at one second together.
        odds: factor from the odds of a positive in the rows to those in what the loss sees.
        scorer: the current model; the training loop hands it in before each step.
    """

    needs: Collection[Need] = ()
    gives: frozenset[str] = frozenset()
    rows: ClassVar[Literal["all", "positive", "page"]] = "positive"
    odds: float = 1.0
    scorer: Scorer | None = None

    @abstractmethod
    def forward(self, batch: TrainRows, generator: torch.Generator) -> Slate:
        """The slate of a batch of B rows: of B rows, or where rows are left out or repeated at least one.

        Args:
            generator: the only source of randomness; on the batch's device.
        """
