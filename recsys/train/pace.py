"""Setting the learning rate."""

import math
from typing import Any, final

import pytorch_lightning as pl

from recsys.schedule import Schedule
from recsys.types import Monitor


@final
class Pace(pl.Callback):
    """Give every step the learning rate that the schedule says, and log that of each epoch's last step.

    The rate is set from the step's number and the schedule's state, which the checkpoint holds, so resuming is
    exact.
    """

    def __init__(self, schedule: Schedule, monitor: Monitor) -> None:
        self.schedule, self.monitor = schedule, monitor
        self.validated = False

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Set the rate of the step."""
        steps = math.ceil(trainer.num_training_batches / trainer.accumulate_grad_batches)
        factor = self.schedule.factor(trainer.global_step, steps)
        for optimizer in trainer.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group.setdefault("initial_lr", group["lr"]) * factor

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Remember that the metric is one of this epoch."""
        self.validated = not trainer.sanity_checking

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Log the rate, and let the schedule see the metric of an epoch that was validated."""
        for optimizer in trainer.optimizers:
            pl_module.log("train/lr", optimizer.param_groups[0]["lr"], sync_dist=True)
        value = trainer.callback_metrics.get(self.monitor.name)
        if value is not None and self.validated:
            self.schedule.see(float(value), higher_is_better=self.monitor.higher_is_better)
        self.validated = False

    def state_dict(self) -> dict[str, Any]:
        """The schedule's state."""
        return self.schedule.state()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on."""
        self.schedule.restore(state_dict)
