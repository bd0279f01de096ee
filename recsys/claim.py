"""The folder that a command writes into: one process has it until its end."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from filelock import FileLock, Timeout

from recsys.types.errors import UserError

LOCK = ".claimed"


def numbered(folder: Path) -> Iterator[Path]:
    """The folder, and names beside it for when it is taken."""
    yield folder
    yield from (folder.with_name(f"{folder.name}-{number}") for number in count(2))


@contextmanager
def new(candidates: Iterable[Path], key: str) -> Iterator[Path]:
    """Make and hold the first folder that nobody has; removed again if nothing is written into it.

    Args:
        key: what the folder can be named by, for the message.

    Raises:
        UserError: it cannot be made.
    """
    for folder in candidates:
        above = _missing(folder.parent)
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise impossible(folder, key, error) from None
        with _held(folder, key, made=[folder, *above]):
            yield folder
        return


@contextmanager
def asked(folder: Path, key: str) -> Iterator[Path]:
    """Hold the folder that a person named, made where it is missing.

    Args:
        key: how it was named, for the message.

    Raises:
        UserError: it cannot be made, or it is of another process or a run.
    """
    with again(folder, key):
        if list(folder.glob("status.json")) or list(folder.glob("*/status.json")):
            raise UserError(
                f"{key}={folder}: already holds a run; choose another folder, or go on with "
                "recsys train ckpt_path=<run>/checkpoints/last.ckpt"
            )
        yield folder


@contextmanager
def again(folder: Path, key: str) -> Iterator[Path]:
    """Hold a folder whatever it holds.

    Raises:
        UserError: it cannot be made, or it is of another process.
    """
    made = _missing(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise impossible(folder, key, error) from None
    with _held(folder, key, made):
        yield folder


@contextmanager
def _held(folder: Path, key: str, made: Iterable[Path]) -> Iterator[None]:
    """Hold a folder; the lock of a process that was killed is free.

    Args:
        made: the folders that were made for it, the innermost first.
    """
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise UserError(
            f"{key}={folder}: another process writes into it; wait for its end, or choose another folder"
        ) from None
    except OSError as error:
        raise impossible(folder, key, error) from None
    try:
        yield
    finally:
        (folder / LOCK).unlink(missing_ok=True)
        lock.release()
        with suppress(OSError):
            for empty in made:
                empty.rmdir()


def _missing(folder: Path) -> list[Path]:
    """Which of the folder and those around it are not there, the innermost first."""
    return [one for one in (folder, *folder.parents) if not one.exists()]


def impossible(folder: Path, key: str, error: OSError) -> UserError:
    """What is said of a folder that cannot be made."""
    return UserError(f"{key}={folder}: nothing can be written there ({error.strerror}); name another folder")
