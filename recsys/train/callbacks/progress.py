"""One line that says how far training is."""

import sys
import time
from typing import Any, final

import pytorch_lightning as pl
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from recsys.types import Monitor


@final
class ProgressBar(pl.Callback):
    """A bar over all epochs with the loss and the monitored metric; where there is no terminal, nothing.

    Args:
        refresh: seconds between two looks at the clock.
    """

    def __init__(self, monitor: Monitor, *, refresh: float = 0.1) -> None:
        self.monitor, self.refresh = monitor, refresh
        self.best: float | None = None
        self.bar: Progress | None = None
        self.task = TaskID(0)
        self.shown = 0.0

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Show the bar."""
        if not (sys.stdout.isatty() and trainer.is_global_zero):
            return
        columns = (
            TextColumn("training  epoch {task.fields[epoch]}"),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[said]}"),
        )
        self.bar = Progress(*columns, console=Console(), transient=True)
        epochs = trainer.max_epochs if trainer.max_epochs and trainer.max_epochs > 0 else None
        total = epochs * trainer.num_training_batches if epochs else None
        done = trainer.current_epoch * trainer.num_training_batches
        self.task = self.bar.add_task("", total=total, completed=int(done), epoch=self._epoch(trainer), said="")
        self.bar.start()

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Move the bar, a few times a second at most."""
        if self.bar and time.monotonic() - self.shown > self.refresh:
            self.shown = time.monotonic()
            done = trainer.current_epoch * trainer.num_training_batches + batch_idx + 1
            self.bar.update(self.task, completed=int(done), epoch=self._epoch(trainer))

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Say the loss, the metric and its best."""
        values = trainer.callback_metrics
        value, loss = values.get(self.monitor.name), values.get("train/loss")
        if value is None:
            return
        now = float(value)
        sign = 1 if self.monitor.higher_is_better else -1
        self.best = now if self.best is None or sign * now > sign * self.best else self.best
        said = f"{self.monitor.name} {now:.4f}, best {self.best:.4f}"
        if self.bar:
            said = f"loss {float(loss):.4f}, {said}" if loss is not None else said
            self.bar.update(self.task, said=said)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Take the bar away."""
        self._stop()

    def on_exception(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException
    ) -> None:
        """Leave the terminal as it was."""
        self._stop()

    def _stop(self) -> None:
        if self.bar:
            self.bar.stop()
            self.bar = None

    def _epoch(self, trainer: pl.Trainer) -> str:
        of = f"/{trainer.max_epochs}" if trainer.max_epochs and trainer.max_epochs > 0 else ""
        return f"{trainer.current_epoch + 1}{of}"
