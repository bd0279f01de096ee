"""Being stopped from outside: by Ctrl-C, or by SIGTERM."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TERMINATED = 143
"""Exit status of a process that ends because it was sent SIGTERM."""


@contextmanager
def as_sent() -> Iterator[None]:
    """A signal that Lightning answers by an exit of its own, as what it was.

    Raises:
        KeyboardInterrupt: it was Ctrl-C.
        SystemExit: with TERMINATED, it was SIGTERM.
    """
    try:
        yield
    except SystemExit as error:
        if isinstance(error.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        if error.code is None:
            raise SystemExit(TERMINATED) from None
        raise


@contextmanager
def exits_at_sigterm() -> Iterator[None]:
    """SIGTERM ends the block at once and by an exit, so that what is open in it is closed.

    Raises:
        SystemExit: with TERMINATED.
    """
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def reason(error: BaseException, folder: Path) -> str:
    """Why a run ended, in a line.

    Args:
        folder: of the run.
    """
    if isinstance(error, KeyboardInterrupt):
        return "stopped"
    if isinstance(error, SystemExit) and error.code == TERMINATED:
        last = folder / "checkpoints" / "last.ckpt"
        return f"stopped by SIGTERM; go on with ckpt_path={last}" if last.is_file() else "stopped by SIGTERM"
    return str(error).splitlines()[0] if str(error) else type(error).__name__
