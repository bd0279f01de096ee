"""Stop when the validation metric gets no better."""

import math
from typing import Any, final

import pytorch_lightning as pl
from pytorch_lightning import callbacks

from recsys.types import Monitor, NonNegative, PositiveInt, UserError


@final
class EarlyStopping(callbacks.EarlyStopping):
    """Stop after `patience` validations without a better value; training that diverged is an error.

    Args:
        patience: validations.
        min_delta: what counts as better, in units of the metric.
    """

    def __init__(self, monitor: Monitor, *, patience: PositiveInt = 3, min_delta: NonNegative = 0.0) -> None:
        mode = "max" if monitor.higher_is_better else "min"
        super().__init__(monitor.name, patience=patience, min_delta=min_delta, mode=mode)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up the count of the run that goes on; the patience is the one that was asked for now."""
        super().load_state_dict({**state_dict, "patience": self.patience})

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """A run that had already stopped, and goes on, trains no further."""
        trainer.should_stop = trainer.should_stop or self.wait_count >= self.patience

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Look at the metric, once it and the loss are known to be numbers.

        Raises:
            UserError: one of them is not finite, or the metric was not measured.
        """
        epoch, values = trainer.current_epoch + 1, trainer.callback_metrics
        loss, value = values.get("train/loss"), values.get(self.monitor)
        if loss is not None and not math.isfinite(loss):
            rate = trainer.optimizers[0].param_groups[0]["lr"]
            raise UserError(
                f"training diverged: the loss of epoch {epoch} is {float(loss)}; "
                f"lower optimizer.lr, which is {rate:g}, or set trainer.gradient_clip_val=1.0"
            )
        if value is not None and not math.isfinite(value):
            raise UserError(
                f"monitor: {self.monitor} of epoch {epoch} is {float(value)}, so no epoch can be called "
                "the best; choose another monitor"
            )
        if value is None and self._check_on_train_epoch_end:
            raise UserError(
                f"callbacks.early_stopping: {self.monitor} was not measured in epoch {epoch}; "
                "validate every epoch, or leave it out with ~callbacks.early_stopping"
            )
        super().on_train_epoch_end(trainer, pl_module)
