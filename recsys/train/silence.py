"""Keeping Lightning's own lines off the screen, in every process that trains."""

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, final

import pytorch_lightning as pl

EXPECTED = (
    ".*does not have many workers.*",
    ".*configure_optimizers.*returned .None.*",
    ".*LeafSpec.*",
    ".*smaller than the logging interval.*",
    ".*Total length of .* across ranks is zero.*",
    ".*Checkpoint directory .* exists and is not empty.*",
)


def warned() -> None:
    """Silence what Lightning warns of with every loader and with models without an optimizer."""
    for message in EXPECTED:
        warnings.filterwarnings("ignore", message)


def logged() -> None:
    """Silence what Lightning tells of devices, processes and its end; warnings stay."""
    for name in ("pytorch_lightning", "pytorch_lightning.utilities.rank_zero", "lightning_fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)


@contextmanager
def started() -> Iterator[None]:
    """Silence torch's C++ warnings (of a search for unused parameters) in processes that are started within."""
    name, before = "TORCH_CPP_LOG_LEVEL", os.environ.get("TORCH_CPP_LOG_LEVEL")
    os.environ[name] = before or "ERROR"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]


@final
class Silence(pl.Callback):
    """Silences the process that it is sent to.

    A process that Lightning starts receives the trainer before it speaks, so it is silenced as it receives.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        return _arrived, ()


def _arrived() -> Silence:
    logged()
    warned()
    return Silence()
