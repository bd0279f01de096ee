"""Keep the best epoch and the last."""

import contextlib
import math
import os
import shutil
from pathlib import Path
from typing import Any, final

import pytorch_lightning as pl
from pytorch_lightning.callbacks import Checkpoint

from recsys.types import Monitor, UserError


@final
class BestCheckpoint(Checkpoint):
    """Write `checkpoints/last.ckpt` after every epoch, and `best.ckpt` when its validation was the best so far.

    Each file is written beside its place and renamed, so a killed run leaves whole files. The last is written
    before the best: a run that was killed between the two makes up for it when it goes on. Lightning's own
    callback writes the last only in epochs that are the best, and renames across file systems.
    """

    def __init__(self, monitor: Monitor, folder: Path) -> None:
        self.monitor = monitor
        self.best, self.last = (folder / "checkpoints" / name for name in ("best.ckpt", "last.ckpt"))
        self.score: float | None = None
        self.epoch: int | None = None
        self.missing: int | None = None
        self.told = ""

    @property
    def best_model_path(self) -> str:
        """Where the best epoch is kept; empty before the first validation."""
        return self.told or ("" if self.score is None else str(self.best))

    @best_model_path.setter
    def best_model_path(self, path: str) -> None:
        """Be told by the process that trained, where it was another."""
        self.told = path

    def state_dict(self) -> dict[str, Any]:
        """The best so far."""
        return {"score": self.score, "epoch": self.epoch}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up the best of the run that goes on."""
        self.score, self.epoch = state_dict["score"], state_dict["epoch"]

    def on_load_checkpoint(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Remember which epoch the checkpoint is of."""
        self.missing = checkpoint["epoch"]

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Going on from a checkpoint that is itself the best, make sure that it is kept as such.

        Raises:
            UserError: the best epoch was an earlier one, and its file is gone.
        """
        if self.epoch is None or not trainer.is_global_zero:
            return
        if self.epoch == self.missing:
            _copy(Path(str(trainer.ckpt_path)), self.best)
        elif not self.best.exists():
            raise UserError(
                f"ckpt_path={trainer.ckpt_path}: the best epoch so far was {self.epoch + 1}, and {self.best} "
                "is gone; put it back, or start a new run"
            )

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write the epoch that ends; its validation has been seen."""
        measured = trainer.callback_metrics.get(self.monitor.name)
        value = math.nan if measured is None else float(measured)
        better = self._is_better(value)
        if better:
            self.score, self.epoch = value, trainer.current_epoch
        draft = self.last.with_name(".last.ckpt")
        trainer.save_checkpoint(draft, weights_only=False)
        if trainer.is_global_zero:
            os.replace(draft, self.last)
            if better:
                _copy(self.last, self.best)
        trainer.strategy.barrier()

    def _is_better(self, value: float) -> bool:
        """Whether a value beats the best so far; one that is not a number never does."""
        if self.score is None:
            return not math.isnan(value)
        return value > self.score if self.monitor.higher_is_better else value < self.score


def _copy(source: Path, target: Path) -> None:
    """Make the target the same file as the source, or where that cannot be a copy of it; never half of one."""
    if target.exists() and target.samefile(source):
        return
    draft = target.with_name(f".{target.name}")
    draft.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        os.link(source, draft)
    if not draft.exists():
        shutil.copyfile(source, draft)
    os.replace(draft, target)
