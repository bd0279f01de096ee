"""Files on object storage and on the web, copied here so that they can be read like any other."""

import hashlib
import http.client
import shutil
import tempfile
import urllib.error
import urllib.request
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import polars as pl

from recsys.types import UserError

SCHEMES = ("s3", "gs", "az", "http", "https")
TIMEOUT = 60
"""Seconds without a byte after which a server is given up."""

BROKEN = (OSError, ValueError, http.client.HTTPException)
FRAMES = {
    ".parquet": ("Parquet", pl.read_parquet, pl.DataFrame.write_parquet),
    ".pq": ("Parquet", pl.read_parquet, pl.DataFrame.write_parquet),
    ".arrow": ("Arrow", pl.read_ipc, pl.DataFrame.write_ipc),
    ".ipc": ("Arrow", pl.read_ipc, pl.DataFrame.write_ipc),
    ".feather": ("Arrow", pl.read_ipc, pl.DataFrame.write_ipc),
}


@dataclass(frozen=True)
class Copy:
    """A remote file's copy on this machine; it is shown as its address, and opened like a path."""

    url: str
    path: Path

    def __str__(self) -> str:
        return self.url

    def __fspath__(self) -> str:
        return str(self.path)

    @property
    def suffix(self) -> str:
        """The ending of the copy, of text without `.gz`: it is unpacked."""
        return self.path.suffix

    @property
    def suffixes(self) -> list[str]:
        """All endings of the copy."""
        return self.path.suffixes


class Copies:
    """Copies of remote files, each fetched once, kept as long as this object lives.

    The web is read with urllib, byte by byte the same. Object storage is read by polars, whose copy has the
    same rows: text unpacked and with plain line breaks, Parquet and Arrow written again.

    Args:
        options: polars' `storage_options` for object storage; what is not there comes from the environment
            (AWS_…, GOOGLE_…, AZURE_…).
    """

    def __init__(self, options: Mapping[str, Any] | None) -> None:
        self._options = {
            key: str(value).lower() if isinstance(value, bool) else value
            for key, value in (options or {}).items()
        }
        self._copies: dict[str, Copy] = {}
        self._folder: Path | None = None

    def of(self, url: str) -> Copy:
        """The copy, fetched if it is not there.

        Raises:
            UserError: the file is not there, or cannot be read; names the address.
        """
        if url not in self._copies:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="recsys-"))
                weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
            name = PurePosixPath(urlsplit(url).path).name
            place = self._folder / str(len(self._copies))
            place.mkdir(exist_ok=True)
            self._copies[url] = _fetch(url, place / name, self._options)
        return self._copies[url]

    def mark(self, url: str) -> str:
        """Equal marks mean equal files: size and ETag or date where a web server gives them, else a hash.

        Raises:
            UserError: as `of`.
        """
        told = _told(url) if _scheme(url).startswith("http") else None
        if told is None:
            with open(self.of(url), "rb") as file:
                told = hashlib.file_digest(file, "sha256").hexdigest()
        return f"{url} {told}"


def is_remote(pattern: str) -> bool:
    """Whether it is an address rather than a path."""
    return _scheme(pattern) in SCHEMES


def _scheme(url: str) -> str:
    return url.partition("://")[0].lower() if "://" in url else ""


def _told(url: str) -> str | None:
    """What the server says of the file without sending it; None where that does not tell versions apart."""
    try:
        with _asked(urllib.request.Request(url, method="HEAD")) as answer:
            head = answer.headers
    except UserError:
        return None
    version = head.get("ETag") or head.get("Last-Modified")
    return f"{head.get('Content-Length')} {version}" if version else None


def _asked(request: urllib.request.Request) -> http.client.HTTPResponse:
    """The answer of a web server.

    Raises:
        UserError: there is none, or none with the file; names the address.
    """
    try:
        return urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        error.close()
        reason: object = f"HTTP status {error.code}, {error.reason}"
    except BROKEN as error:
        reason = getattr(error, "reason", error)
    raise UserError(f"{request.full_url}: cannot be downloaded ({reason})") from None


def _fetch(url: str, target: Path, options: Mapping[str, Any]) -> Copy:
    if _scheme(url).startswith("http"):
        return _from_web(url, target)
    try:
        if target.suffix in FRAMES:
            _, read, write = FRAMES[target.suffix]
            write(read(url, storage_options=dict(options)).rechunk(), target)
            return Copy(url, target)
        target = target.with_suffix("") if target.suffix == ".gz" else target
        _write_lines(pl.read_lines(url, glob=False, storage_options=dict(options)), target)
    except FileNotFoundError:
        raise UserError(f"{url}: no such file there, or no right to see it") from None
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise UserError(_unreadable(url, target, options, error)) from None
    return Copy(url, target)


def _from_web(url: str, target: Path) -> Copy:
    with _asked(urllib.request.Request(url)) as answer, target.open("wb") as file:
        try:
            shutil.copyfileobj(answer, file)
        except BROKEN as error:
            raise UserError(f"{url}: the download breaks off ({error})") from None
        size, told = file.tell(), answer.headers.get("Content-Length")
    if told and int(told) != size:
        raise UserError(f"{url}: the download breaks off after {size:,} of {int(told):,} bytes; run again")
    return Copy(url, target)


def _write_lines(frame: pl.DataFrame, target: Path) -> None:
    with target.open("w", encoding="utf-8", newline="") as file:
        for line in frame.to_series():
            file.write(f"{line}\n")


def _unreadable(url: str, target: Path, options: Mapping[str, Any], error: Exception) -> str:
    """What is wrong; of text that is no UTF-8 the line too."""
    if "utf8" in str(error):
        lossy = pl.scan_csv(
            url,
            has_header=False,
            new_columns=["line"],
            separator="\x01",
            quote_char=None,
            encoding="utf8-lossy",
            infer_schema=False,
            glob=False,
            storage_options=dict(options),
        )
        bad = lossy.select(pl.col("line").str.contains("\ufffd").arg_max()).collect().item()
        return f"{url}: line {bad + 1}: is no utf-8 text; save it as utf-8"
    kind = FRAMES[target.suffix][0] if target.suffix in FRAMES else "text"
    return f"{url}: cannot be read as {kind}: {str(error).splitlines()[0]}"
