"""Fetching a publisher's archive into the data home, checked and whole."""

import hashlib
import http.client
import re
import shutil
import urllib.error
import urllib.request
import zipfile
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from filelock import FileLock

from recsys.ops.paths import data_home
from recsys.types import UserError

CHUNK = 1 << 16
TIMEOUT = 60
"""Seconds without a byte after which a download is given up."""

BROKEN = (OSError, ValueError, http.client.HTTPException)
"""What urllib raises for no network, a status of 400 or more, an address that is none, a broken connection."""


def obtain(name: str, files: Sequence[str], url: str, md5: str | None) -> Path:
    """The folder `name` of the data home, downloaded if it is not there.

    Safe for processes side by side: one downloads, the others wait. A folder that is there is only read.

    Args:
        files: names that have to be in the folder.
        url: of a zip archive whose files lie in one folder.
        md5: of the archive; None takes the publisher's own from `<url>.md5`.

    Raises:
        UserError: the folder lacks a file; or it cannot be made: no connection, a wrong checksum, an archive
            without the files, no right to write. Nothing is left behind then.
    """
    home = data_home()
    folder = home / name
    if not folder.is_dir():
        try:
            home.mkdir(parents=True, exist_ok=True)
            with FileLock(home / f".{name}.lock"):
                if not folder.is_dir():
                    _fetch(folder, files, url, md5)
        except OSError as error:
            raise UserError(
                f"{folder}: cannot be made ({error.strerror or error}); let RECSYS_DATA name a folder that has "
                f"{name}/, or that can be written to"
            ) from None
    lacking = [file for file in files if not (folder / file).is_file()]
    if lacking:
        raise UserError(
            f"{folder}: lacks {', '.join(lacking)}; put them there from {url}, or move the folder away, "
            "so that it is downloaded"
        )
    return folder


def fingerprint(folder: Path, files: Sequence[str]) -> str:
    """Names, sizes and times of change of the files."""
    marks = [(file, (folder / file).stat()) for file in files]
    return "; ".join(f"{file} {mark.st_size} {mark.st_mtime_ns}" for file, mark in marks)


def _fetch(folder: Path, files: Sequence[str], url: str, md5: str | None) -> None:
    """Download and unpack in a folder beside the target, and rename that at the end."""
    for left in folder.parent.glob(f".{folder.name}.*.draft"):
        shutil.rmtree(left, ignore_errors=True)
    draft = folder.parent / f".{folder.name}.{uuid4().hex[:8]}.draft"
    draft.mkdir()
    try:
        wanted = (md5 or _published_md5(url, folder.name)).lower()
        found = _download(url, draft / "archive.zip", folder.name)
        if found != wanted:
            raise UserError(
                f"{url}: the md5 of what was downloaded is {found}, and {wanted} is expected; "
                f"{_by_hand(folder.name)}"
            )
        content = _unpack(draft / "archive.zip", draft / "content", url)
        lacking = [file for file in files if not (content / file).is_file()]
        if lacking:
            raise UserError(f"{url}: the archive has no {', '.join(lacking)}; is the address right?")
        content.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _by_hand(name: str) -> str:
    return f"try again, or unpack it by hand and let RECSYS_DATA name the folder that has {name}/"


def _failed(url: str, name: str, error: Exception) -> UserError:
    reason = getattr(error, "reason", error)
    if isinstance(error, urllib.error.HTTPError):
        reason = f"HTTP status {error.code}, {error.reason}"
    return UserError(f"{url}: cannot be downloaded ({reason}); {_by_hand(name)}")


def _published_md5(url: str, name: str) -> str:
    """The sum in `<url>.md5`, which is written as md5 or md5sum write it."""
    try:
        with urllib.request.urlopen(f"{url}.md5", timeout=TIMEOUT) as answer:
            text = answer.read(CHUNK).decode("ascii", "replace")
    except BROKEN as error:
        raise _failed(f"{url}.md5", name, error) from None
    sums = re.findall(r"\b[0-9a-fA-F]{32}\b", text)
    if len(sums) != 1:
        raise UserError(f"{url}.md5: holds {len(sums)} md5 sums, one is expected; give data.md5")
    return sums[0]


def _download(url: str, target: Path, name: str) -> str:
    """Write the file with a progress bar; the md5 of what was written."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    look = (TextColumn("downloading {task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    bar = Progress(*look, console=Console(stderr=True), transient=True)
    digest = hashlib.md5(usedforsecurity=False)
    try:
        answer = urllib.request.urlopen(url, timeout=TIMEOUT)
    except BROKEN as error:
        raise _failed(url, name, error) from None
    with answer, target.open("wb") as file, bar:
        size = answer.headers.get("Content-Length")
        task = bar.add_task(name, total=int(size) if size else None)
        while chunk := _next(answer, url, name):
            file.write(chunk)
            digest.update(chunk)
            bar.update(task, advance=len(chunk))
    return digest.hexdigest()


def _next(answer: http.client.HTTPResponse, url: str, name: str) -> bytes:
    try:
        return answer.read(CHUNK)
    except BROKEN as error:
        raise _failed(url, name, error) from None


def _unpack(archive: Path, target: Path, url: str) -> Path:
    """The one folder that the archive's files lie in.

    Raises:
        UserError: it is no archive, or a member would lie outside of the target.
    """
    try:
        with zipfile.ZipFile(archive) as content:
            for member in content.namelist():
                if not (target / member).resolve().is_relative_to(target.resolve()):
                    raise UserError(f"{url}: the archive would write {member!r}, outside of its folder")
            content.extractall(target)
    except zipfile.BadZipFile:
        raise UserError(f"{url}: is no zip archive; is the address right?") from None
    folders = [path for path in target.iterdir() if path.is_dir() and path.name != "__MACOSX"]
    return folders[0] if len(folders) == 1 else target
