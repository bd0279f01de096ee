"""A content-addressed store: a folder for each key, made once, whole or not at all."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from uuid import uuid4

from filelock import FileLock


class UnwritableError(OSError):
    """Nothing can be written into the folder."""


def obtain(folder: Path, key: str, make: Callable[[Path], None]) -> tuple[Path, bool]:
    """The folder of the key, made by `make` if nobody has made it yet.

    Safe for processes side by side: one makes, the others wait. What `make` leaves behind when it fails is
    removed.

    Args:
        make: writes the content into the empty folder that it is given.

    Returns:
        The folder, and whether it was made now.

    Raises:
        UnwritableError: it is not there, and nothing can be written where it would be.
    """
    target = folder / key
    if target.is_dir():
        return target, False
    draft = folder / f"{key}.{os.getpid()}.{uuid4().hex[:8]}.draft"
    try:
        draft.mkdir(parents=True)
    except OSError as error:
        raise UnwritableError(error.errno, error.strerror) from error
    try:
        with FileLock(folder / f"{key}.lock"):
            if target.is_dir():
                return target, False
            make(draft)
            draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target, True


def digest(parts: Iterable[str]) -> str:
    """A short name for a list of texts: equal lists, equal names."""
    state = hashlib.sha256()
    for part in parts:
        state.update(f"{len(part)}:".encode())
        state.update(part.encode())
    return state.hexdigest()[:24]
