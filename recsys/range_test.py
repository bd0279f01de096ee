"""Looking for a learning rate: training for a while with one that rises, and watching the loss."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import pytorch_lightning as pl

from recsys import flow
from recsys.build import Parts
from recsys.resume import read
from recsys.train import silence
from recsys.types import UserError

SMOOTH = 0.9
"""Share of the running mean of losses that stays from step to step."""
DIVERGED = 4.0
"""The test ends where the smoothed loss is so many times its least; where that is not above 0, the fall to it
counts as the least."""


@dataclass(frozen=True)
class Curve:
    """What a range test saw.

    Attributes:
        rates: of each step, rising by the same factor.
        losses: of each step, smoothed.
    """

    rates: Sequence[float]
    losses: Sequence[float]

    @property
    def suggestion(self) -> float | None:
        """The rate at which the smoothed loss falls fastest by log rate; None where it never falls."""
        falling = np.gradient(np.asarray(self.losses)) if len(self.losses) > 2 else np.zeros(1)
        least = int(falling.argmin())
        return self.rates[least] if falling[least] < 0 else None


@final
class Rising(pl.Callback):
    """Raises the learning rate from step to step, and stops where the loss runs away.

    Args:
        rates: of each step.
    """

    def __init__(self, rates: Sequence[float]) -> None:
        self.rates = rates
        self.losses: list[float] = []
        self.mean = 0.0

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Set the rate of the step."""
        for group in trainer.optimizers[0].param_groups:
            group["lr"] = self.rates[trainer.global_step]

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Keep the smoothed loss, its beginning at 0 corrected for; stop where it runs away."""
        loss = float(outputs["loss"])
        self.mean = SMOOTH * self.mean + (1 - SMOOTH) * loss
        smoothed = self.mean / (1 - SMOOTH ** (len(self.losses) + 1))
        if not math.isfinite(smoothed) or (self.losses and self._runs_away(smoothed)):
            trainer.should_stop = True
            return
        self.losses.append(smoothed)

    def _runs_away(self, smoothed: float) -> bool:
        least = min(self.losses)
        scale = least if least > 0 else max(self.losses[0] - least, -least)
        return smoothed - least > (DIVERGED - 1) * scale


def find(parts: Parts, *, least: float, most: float, steps: int) -> Curve:
    """Train for some steps while the learning rate rises from `least` to `most`; nothing is written.

    Smith 2017, "Cyclical Learning Rates for Training Neural Networks", sec. 3.3, the rate rising by a factor
    instead of a summand, as rates are compared. Each batch is a step, also where training accumulates several.

    Raises:
        UserError: the model has no learning rate, or a run is to go on, whose rate is chosen.
    """
    if parts.ckpt_path:
        raise UserError(
            "ckpt_path: a run goes on with its own learning rate; write warm_start=… to begin with its weights"
        )
    if parts.model.target.fits:
        name = parts.choices.get("model", "yours")
        raise UserError(f"model={name}: it is fitted in one step and has no learning rate")
    prepared = flow.prepare(parts)
    recommender = flow.assemble(parts, prepared.encoded, prepared.moments)
    if parts.warm_start:
        flow.begin_with(read(parts.warm_start, "warm_start"), recommender, prepared)
    data = flow.data_module(parts, prepared.encoded, recommender)
    rising = Rising(np.geomspace(least, most, steps).tolist())
    instead = {"max_steps": steps, "callbacks": [rising]}
    trainer = flow.make_trainer(parts, parts.cache, "search", log=False, instead=instead)
    with warnings.catch_warnings():
        silence.warned()
        trainer.fit(recommender, data)
    return Curve(rising.rates[: len(rising.losses)], rising.losses)
