"""Training in several processes."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytorch_lightning as pl
from torch.multiprocessing.spawn import ProcessRaisedException

from recsys.types import UserError


def refuse(trainer: pl.Trainer, loggers: Sequence[str]) -> None:
    """Refuse ways of training in several processes that cannot work.

    Raises:
        UserError: the strategy would start the whole command again in each process, and with it a sweep; or a
            logger cannot be handed to another process.
    """
    if trainer.world_size == 1:
        return
    if trainer.num_nodes > 1:
        raise UserError(
            f"trainer.num_nodes={trainer.num_nodes}: one machine at a time; write trainer.num_nodes=1"
        )
    launcher = trainer.strategy.launcher
    if getattr(launcher, "_start_method", None) != "spawn":
        name = type(trainer.strategy).__name__
        raise UserError(
            f"trainer.strategy: {name} would run the whole command again in each of "
            f"{trainer.world_size} processes, sweeps included; choose trainer=ddp, or trainer.devices=1"
        )
    if "wandb" in loggers:
        raise UserError(
            "logger=wandb: its run cannot be handed to other processes; write logger=[csv] with trainer=ddp"
        )


@contextmanager
def one_message() -> Iterator[None]:
    """A mistake that another process found, as it would be said in this one.

    Raises:
        UserError: what the process raised.
    """
    try:
        yield
    except ProcessRaisedException as error:
        found = re.search(r"^recsys\.\S*UserError: (.*)", str(error), flags=re.MULTILINE | re.DOTALL)
        if found is None:
            raise
        raise UserError(*found.group(1).strip().splitlines()) from None
