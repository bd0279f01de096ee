"""Stop when the validation metric gets no better."""

from typing import final

import pytorch_lightning as pl
import torch
from pytorch_lightning import callbacks

from recsys.types import Monitor, NonNegative, PositiveInt, UserError


@final
class EarlyStopping(callbacks.EarlyStopping):
    """Stop after `patience` validations without a better value; a loss that is not a number ends the run.

    Args:
        patience: validations.
        min_delta: what counts as better, in units of the metric.
    """

    def __init__(self, monitor: Monitor, *, patience: PositiveInt = 3, min_delta: NonNegative = 0.0) -> None:
        mode = "max" if monitor.higher_is_better else "min"
        super().__init__(monitor.name, patience=patience, min_delta=min_delta, mode=mode, verbose=False)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """End a run that diverged.

        Raises:
            UserError: the training loss is not finite.
        """
        super().on_train_epoch_end(trainer, pl_module)
        loss = trainer.callback_metrics.get("train/loss")
        if loss is not None and not bool(torch.isfinite(loss)):
            raise UserError(
                f"training diverged: the loss of epoch {trainer.current_epoch + 1} is {float(loss)}; "
                "lower optimizer.lr, or set trainer.gradient_clip_val=1.0"
            )
