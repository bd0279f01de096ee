"""The model as it is at a training step, for samplers that ask it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, final

import torch
from torch import Tensor

from recsys.model import Model
from recsys.train.moments import Moments
from recsys.types import Rows, Slate


@final
class Current:
    """A `Scorer`: asks the model in evaluation mode, then puts it and the random numbers back.

    Args:
        cutoff: the last second of training, at which the catalogue's features are asked for; None without time.
        step: of the epoch, from 0.
    """

    def __init__(
        self, model: Model[Any], moments: Moments, *, n_items: int, cutoff: int | None, step: int
    ) -> None:
        self.model, self.moments = model, moments
        self.n_items, self.cutoff, self.step = n_items, cutoff, step

    def users(self, rows: Rows) -> Tensor:
        """The queries of the rows, `[B, D]`."""
        context = {**rows.context, **self.moments.ask("user", rows.user, None, rows.time)}
        blank = torch.zeros(len(rows.user), 1, device=rows.user.device)
        slate = Slate(rows.user, rows.item[:, None], blank, blank > 0, time=rows.time, context=context)
        with _aside(self.model, rows.user.device):
            return self.model.encode_users(slate)

    def items(self) -> Tensor:
        """The whole catalogue, `[n_items, D]`."""
        device = next(self.model.parameters()).device
        items = torch.arange(self.n_items, device=device)
        time = None if self.cutoff is None else torch.full_like(items, self.cutoff)
        features = self.moments.ask("item", None, items, time)
        with _aside(self.model, device):
            return self.model.encode_items(items, features)


@contextmanager
def _aside(model: Model[Any], device: torch.device) -> Iterator[None]:
    """Evaluation mode without gradients; mode and random state are then as they were."""
    training, devices = model.training, [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices), torch.no_grad():
        model.eval()
        try:
            yield
        finally:
            model.train(training)
