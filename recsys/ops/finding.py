"""The files that a person means."""

import difflib
from collections.abc import Sequence
from glob import glob
from pathlib import Path

from recsys.ops.remote import is_remote
from recsys.types import UserError


def find(key: str, files: str | Sequence[str] | None) -> list[Path | str]:
    """The files of a config key, those of a glob by name; addresses of remote files stay text.

    Args:
        files: a path, a glob (`*`, `?`, `[…]`, `**`), an address, or a list of them.

    Raises:
        UserError: a file is missing, a glob finds none, or a file is named twice; names the key.
    """
    patterns = [] if files is None else [files] if isinstance(files, str) else list(files)
    found: list[Path | str] = [file for pattern in patterns for file in _matches(key, pattern)]
    if files is not None and not found:
        raise UserError(f"{key}=[]: no file is given; name at least one")
    twice = [file for place, file in enumerate(found) if file in found[:place]]
    if twice:
        raise UserError(f"{key}: {twice[0]} is named twice; its rows would count twice")
    return found


def _matches(key: str, pattern: str) -> list[Path] | list[str]:
    if is_remote(pattern):
        if "*" in pattern:
            raise UserError(f"{key}={pattern}: a remote folder is not searched; name its files one by one")
        return [pattern]
    path = Path(pattern).expanduser()
    if path.exists() or not any(sign in pattern for sign in "*?["):
        try:
            require(path)
        except UserError as error:
            raise UserError(f"{key}: {error}") from None
        return [path]
    matches = [Path(match) for match in sorted(glob(str(path), recursive=True))]
    if not any(match.is_file() for match in matches):
        raise UserError(f"{key}={pattern}: no file matches in {Path.cwd()}")
    return [match for match in matches if match.is_file()]


def require(file: Path) -> None:
    """Refuse a file that is not there.

    Raises:
        UserError: names the nearest file of the folder.
    """
    if file.is_file():
        return
    if file.is_dir():
        raise UserError(f"{file}: is a folder; name its files, for example {file}/*.csv")
    if not file.parent.is_dir():
        raise UserError(f"{file}: no such file; there is no folder {file.parent} either")
    near = difflib.get_close_matches(file.name, [f.name for f in file.parent.iterdir()], n=1, cutoff=0.5)
    hint = f"did you mean {file.parent / near[0]}?" if near else f"{file.parent} has no file of a similar name"
    raise UserError(f"{file}: no such file; {hint}")
