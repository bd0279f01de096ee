"""Fetching a publisher's archive into the data home, checked and whole."""

import hashlib
import shutil
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from uuid import uuid4

from filelock import FileLock

from recsys.ops.paths import data_home
from recsys.types import UserError

CHUNK = 1 << 16
TIMEOUT = 60


def obtain(name: str, files: tuple[str, ...], url: str, md5: str | None) -> Path:
    """The folder `name` of the data home with the files, downloaded if they are not all there.

    Args:
        files: names that have to be in the folder.
        url: of a zip archive whose files lie in one folder.
        md5: of the archive; None takes the publisher's own from `<url>.md5`.

    Raises:
        UserError: no connection, a wrong checksum, or an archive without the files.
    """
    folder = data_home() / name
    if all((folder / file).is_file() for file in files):
        return folder
    try:
        data_home().mkdir(parents=True, exist_ok=True)
        with FileLock(data_home() / f".{name}.lock"):
            if not all((folder / file).is_file() for file in files):
                _fetch(folder, files, url, md5)
    except PermissionError:
        raise UserError(
            f"{folder}: lacks {', '.join(files)}, and cannot be written to; let RECSYS_DATA name another folder"
        ) from None
    return folder


def _fetch(folder: Path, files: tuple[str, ...], url: str, md5: str | None) -> None:
    draft = folder.parent / f".{folder.name}.{uuid4().hex[:8]}"
    draft.mkdir()
    try:
        archive = draft / "archive.zip"
        wanted = md5 or _published_md5(url)
        found = _download(url, archive, folder.name)
        if found != wanted:
            raise UserError(
                f"{url}: the download's md5 is {found}, the publisher's is {wanted}; try again, or let "
                f"RECSYS_DATA name a folder that has {folder.name}/"
            )
        content = _unpack(archive, draft / "content", url)
        lacking = [file for file in files if not (content / file).is_file()]
        if lacking:
            raise UserError(f"{url}: the archive has no {lacking[0]}")
        if folder.exists():
            shutil.copytree(content, folder, dirs_exist_ok=True)
        else:
            content.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _open(url: str):
    try:
        return urllib.request.urlopen(url, timeout=TIMEOUT)
    except (urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise UserError(
            f"{url}: cannot be downloaded ({reason}); download it by hand, unpack it, and let RECSYS_DATA name "
            "the folder that it lies in"
        ) from None


def _published_md5(url: str) -> str:
    with _open(f"{url}.md5") as answer:
        text = answer.read().decode("ascii", "replace")
    words = [word for word in text.replace("=", " ").split() if len(word) == 32]
    if not words:
        raise UserError(f"{url}.md5: holds no md5 sum")
    return words[0].lower()


def _download(url: str, target: Path, name: str) -> str:
    """Write the file with a progress bar; the md5 of what was written."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    digest = hashlib.md5(usedforsecurity=False)
    columns = (
        TextColumn("downloading {task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with _open(url) as answer, target.open("wb") as file, Progress(*columns, transient=True) as progress:
        size = answer.headers.get("Content-Length")
        task = progress.add_task(name, total=int(size) if size else None)
        while chunk := answer.read(CHUNK):
            file.write(chunk)
            digest.update(chunk)
            progress.update(task, advance=len(chunk))
    return digest.hexdigest()


def _unpack(archive: Path, target: Path, url: str) -> Path:
    """The folder that the archive's files lie in; extraction stays inside the target."""
    try:
        with zipfile.ZipFile(archive) as content:
            content.extractall(target)
    except zipfile.BadZipFile:
        raise UserError(f"{url}: not a zip archive") from None
    folders = [path for path in target.iterdir() if path.is_dir()]
    return folders[0] if len(folders) == 1 else target


def fingerprint(folder: Path, files: tuple[str, ...]) -> str:
    """Names, sizes and times of change of the files."""
    marks = [(file, (folder / file).stat()) for file in files]
    return "; ".join(f"{file} {mark.st_size} {mark.st_mtime_ns}" for file, mark in marks)
