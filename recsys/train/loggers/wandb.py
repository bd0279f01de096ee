"""Curves in Weights & Biases."""

import netrc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, final

from pytorch_lightning.loggers import WandbLogger

HOST = "api.wandb.ai"
INIT_TIMEOUT = 20
"""Seconds to wait for the server before the run is kept offline."""


@final
class Wandb(WandbLogger):
    """Log to W&B, offline where there is no account: never prompts, never hangs, one run for each run.

    An offline run lies in the run's folder; `wandb sync` sends it later.

    Args:
        project: name of the project.
        name: of the run; None takes the folder's.
        group: of the run, for the runs of a sweep.
        mode: auto is online where a key is known (WANDB_API_KEY or ~/.netrc), else offline; the variable
            WANDB_MODE goes before auto.
        tags: of the run.
    """

    def __init__(
        self,
        folder: Path,
        *,
        project: str = "recsys",
        name: str | None = None,
        group: str | None = None,
        mode: Literal["auto", "online", "offline", "disabled"] = "auto",
        tags: Sequence[str] = (),
    ) -> None:
        self.mode = chosen(mode)
        if mode == "auto" and self.mode == "offline":
            print("wandb     no account is known, so the run is kept offline", file=sys.stderr)
        super().__init__(
            name=name or folder.name,
            save_dir=folder,
            project=project,
            group=group,
            tags=list(tags),
            mode=self.mode,
            settings=self._settings(),
        )
        self._wandb_init.pop("anonymous", None)

    def _settings(self) -> Any:
        import wandb

        return wandb.Settings(
            init_timeout=INIT_TIMEOUT, silent=True, console="off", x_disable_stats=True, x_disable_meta=True
        )

    @property
    def experiment(self) -> Any:
        """The W&B run; begun at the first use, offline where the server does not answer."""
        from wandb.errors import AuthenticationError, CommError, UsageError

        try:
            return super().experiment
        except (CommError, UsageError, AuthenticationError) as error:
            if self.mode != "online":
                raise
            reason = str(error).splitlines()[0]
            print(f"wandb     {reason}; the run is kept offline", file=sys.stderr)
            self.mode = self._wandb_init["mode"] = "offline"
            return super().experiment

    def finalize(self, status: str) -> None:
        """Nothing yet: testing comes after fitting and belongs to the same run."""

    def close(self, *, failed: bool = False) -> None:
        """End the W&B run, so that the next run of a sweep gets its own."""
        import wandb

        if self._experiment is not None:
            wandb.finish(exit_code=int(failed))
            self._experiment = None


def chosen(mode: str) -> str:
    """The mode that a choice comes to on this machine."""
    if mode != "auto":
        return mode
    return os.environ.get("WANDB_MODE") or ("online" if _key_is_known() else "offline")


def _key_is_known() -> bool:
    if os.environ.get("WANDB_API_KEY"):
        return True
    try:
        return netrc.netrc().authenticators(HOST) is not None
    except (OSError, netrc.NetrcParseError):
        return False
