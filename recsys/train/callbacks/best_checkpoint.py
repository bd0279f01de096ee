"""Keep the best epoch and the last."""

from pathlib import Path
from typing import final

from pytorch_lightning.callbacks import ModelCheckpoint

from recsys.types import Monitor


@final
class BestCheckpoint(ModelCheckpoint):
    """Write `checkpoints/best.ckpt` when the validation metric is better, and `last.ckpt` after every epoch.

    `last.ckpt` is written after the best was chosen, so a run that goes on from it chooses as one that was
    never stopped: what a killed run wrote into best.ckpt after its last.ckpt is written again.
    """

    def __init__(self, monitor: Monitor, folder: Path) -> None:
        super().__init__(
            dirpath=folder / "checkpoints",
            filename="best",
            monitor=monitor.name,
            mode="max" if monitor.higher_is_better else "min",
            save_last=True,
            save_top_k=1,
            auto_insert_metric_name=False,
            enable_version_counter=False,
            save_on_train_epoch_end=True,
        )
