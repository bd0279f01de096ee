"""Curves in a CSV file."""

from pathlib import Path
from typing import Any, final

from pytorch_lightning.loggers import CSVLogger


@final
class CSV(CSVLogger):
    """Write the curves into `curves/metrics.csv` of the run's folder, a row an epoch."""

    def __init__(self, folder: Path) -> None:
        super().__init__(save_dir=folder, name="", version="curves")

    def log_hyperparams(self, params: Any = None) -> None:
        """Nothing: the run's folder holds the config."""
