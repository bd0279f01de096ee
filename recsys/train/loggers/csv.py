"""Curves in a CSV file."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

from pytorch_lightning.loggers import Logger
from pytorch_lightning.utilities import rank_zero_only

COLUMNS = ("epoch", "step", "metric", "value")


@final
class CSV(Logger):
    """Append each value to `curves.csv` of the run's folder, a row a value: epoch, step, metric, value.

    Rows are only ever added: a run that goes on from a checkpoint repeats the epochs that it does again, and
    of two rows of the same step and metric the later one counts.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.file = folder / "curves.csv"

    @property
    def name(self) -> str:
        """There is one."""
        return "csv"

    @property
    def version(self) -> str:
        """There is one."""
        return ""

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Append the values."""
        epoch = int(metrics["epoch"]) if "epoch" in metrics else ""
        rows = [(epoch, step, name, value) for name, value in metrics.items() if name != "epoch"]
        self.file.parent.mkdir(parents=True, exist_ok=True)
        new = not self.file.exists()
        with self.file.open("a", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerows([COLUMNS, *rows] if new else rows)

    def log_hyperparams(self, params: Any, *_: Any, **__: Any) -> None:
        """Nothing: the run's folder holds the config."""
