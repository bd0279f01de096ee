"""Downloads from a real server on this machine: checked, whole or not at all, once whoever asks."""

import hashlib
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from recsys.ops import download
from recsys.ops.paths import cache_home, data_home
from recsys.types import UserError

FILES = ("a.csv", "b.csv")


class Publisher(ThreadingHTTPServer):
    """Serves what `pages` holds, and remembers what was asked for."""

    pages: dict[str, bytes]
    asked: list[str]
    short: bool = False

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{name}"


class Answer(BaseHTTPRequestHandler):
    server: Publisher  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        name = self.path.lstrip("/")
        self.server.asked.append(name)
        if name not in self.server.pages:
            self.send_error(404)
            return
        body = self.server.pages[name]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:10] if self.server.short else body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    server = Publisher(("127.0.0.1", 0), Answer)
    server.pages, server.asked = {}, []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path / "home"))
    monkeypatch.setenv("no_proxy", "*")
    return tmp_path / "home"


def archive(folder: Path, members: dict[str, str]) -> bytes:
    file = folder / "made.zip"
    with zipfile.ZipFile(file, "w") as content:
        for name, text in members.items():
            content.writestr(name, text)
    return file.read_bytes()


@pytest.fixture
def films(tmp_path: Path) -> bytes:
    return archive(tmp_path, {"films/a.csv": "x\n1\n", "films/b.csv": "y\n2\n", "films/README": "hello"})


def md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


def left(home: Path) -> list[str]:
    """What is in the data home, lock files aside."""
    return sorted(str(p.relative_to(home)) for p in home.rglob("*") if p.suffix != ".lock")


def test_the_files_of_the_archive_lie_in_the_data_home(publisher: Publisher, home: Path, films: bytes) -> None:
    publisher.pages["films.zip"] = films
    folder = download.obtain("films", FILES, publisher.url("films.zip"), md5(films))
    assert folder == home / "films"
    assert (folder / "a.csv").read_text() == "x\n1\n"
    assert left(home) == ["films", "films/README", "films/a.csv", "films/b.csv"]


def test_a_folder_that_is_there_is_read_without_a_download(home: Path) -> None:
    (home / "films").mkdir(parents=True)
    for file in FILES:
        (home / "films" / file).write_text("mine")
    home.chmod(0o500)
    try:
        folder = download.obtain("films", FILES, "http://127.0.0.1:9/films.zip", "0" * 32)
    finally:
        home.chmod(0o700)
    assert (folder / "a.csv").read_text() == "mine"
    assert [p.name for p in home.iterdir()] == ["films"]


def test_a_folder_that_lacks_a_file_is_left_alone(publisher: Publisher, home: Path, films: bytes) -> None:
    publisher.pages["films.zip"] = films
    (home / "films").mkdir(parents=True)
    (home / "films/a.csv").write_text("mine")
    with pytest.raises(UserError, match=r"films: lacks b\.csv; put them there from http"):
        download.obtain("films", FILES, publisher.url("films.zip"), md5(films))
    assert left(home) == ["films", "films/a.csv"]
    assert publisher.asked == []


def test_the_publishers_own_checksum_is_taken_where_none_is_given(
    publisher: Publisher, home: Path, films: bytes
) -> None:
    publisher.pages |= {"films.zip": films, "films.zip.md5": f"MD5 (films.zip) = {md5(films)}\n".encode()}
    assert (download.obtain("films", FILES, publisher.url("films.zip"), None) / "a.csv").is_file()
    assert publisher.asked == ["films.zip.md5", "films.zip"]


MISTAKES = [
    ("a wrong checksum", "films.zip", "0" * 32, r"films\.zip: the md5 of .* is \w{32}, and 0{32} is expected"),
    (
        "an unknown address",
        "film.zip",
        "0" * 32,
        r"film\.zip: cannot be downloaded \(HTTP status 404, .*RECSYS_DATA",
    ),
    ("no published checksum", "films.zip", None, r"films\.zip\.md5: cannot be downloaded \(HTTP status 404"),
    ("a checksum file without a sum", "odd.zip", None, r"odd\.zip\.md5: holds 0 md5 sums, .* give data\.md5"),
    ("no archive", "page.zip", md5(b"<html>"), r"page\.zip: is no zip archive"),
]


@pytest.mark.parametrize(("name", "sum_", "message"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_a_failed_download_says_why_and_leaves_nothing(
    name: str, sum_: str | None, message: str, publisher: Publisher, home: Path, films: bytes
) -> None:
    publisher.pages |= {"films.zip": films, "odd.zip.md5": b"soon", "page.zip": b"<html>"}
    with pytest.raises(UserError, match=message):
        download.obtain("films", FILES, publisher.url(name), sum_)
    assert left(home) == []


def test_an_archive_without_the_files_is_refused(publisher: Publisher, home: Path, tmp_path: Path) -> None:
    other = archive(tmp_path, {"films/a.csv": "x\n"})
    publisher.pages["films.zip"] = other
    with pytest.raises(UserError, match=r"the archive has no b\.csv"):
        download.obtain("films", FILES, publisher.url("films.zip"), md5(other))
    assert left(home) == []


def test_an_archive_that_would_write_outside_of_its_folder_is_refused(
    publisher: Publisher, home: Path, tmp_path: Path
) -> None:
    evil = archive(tmp_path, {"films/a.csv": "", "films/b.csv": "", "../../../evil": "x"})
    publisher.pages["films.zip"] = evil
    with pytest.raises(UserError, match=r"would write '\.\./\.\./\.\./evil', outside of its folder"):
        download.obtain("films", FILES, publisher.url("films.zip"), md5(evil))
    assert left(home) == []
    assert not list(tmp_path.rglob("evil"))


def test_a_connection_that_breaks_off_leaves_nothing(publisher: Publisher, home: Path, films: bytes) -> None:
    publisher.pages["films.zip"], publisher.short = films, True
    with pytest.raises(UserError, match=r"films\.zip: "):
        download.obtain("films", FILES, publisher.url("films.zip"), md5(films))
    assert left(home) == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/films.zip", "films.zip"])
def test_no_network_says_what_to_do(url: str, home: Path) -> None:
    with pytest.raises(UserError, match=r"films\.zip: cannot be downloaded .* let RECSYS_DATA name the folder"):
        download.obtain("films", FILES, url, "0" * 32)
    assert left(home) == []


def test_a_home_that_cannot_be_made_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path / "file" / "home"))
    with pytest.raises(UserError, match=r"films: cannot be made \(Not a directory\); let RECSYS_DATA name"):
        download.obtain("films", FILES, "http://127.0.0.1:1/films.zip", "0" * 32)


def test_drafts_that_a_killed_process_left_are_cleared(publisher: Publisher, home: Path, films: bytes) -> None:
    publisher.pages["films.zip"] = films
    (home / ".films.0badf00d.draft").mkdir(parents=True)
    download.obtain("films", FILES, publisher.url("films.zip"), md5(films))
    assert not list(home.glob("*.draft"))
    assert not list(home.glob(".*.draft"))


def test_processes_side_by_side_download_once(publisher: Publisher, home: Path, films: bytes) -> None:
    publisher.pages["films.zip"] = films
    code = (
        "from recsys.ops import download\n"
        f"download.obtain('films', {FILES!r}, {publisher.url('films.zip')!r}, {md5(films)!r})"
    )
    workers = [
        subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, env={**os.environ})
        for _ in range(3)
    ]
    errors = [worker.communicate()[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0], errors
    assert publisher.asked == ["films.zip"]
    assert left(home) == ["films", "films/README", "films/a.csv", "films/b.csv"]


def test_a_fingerprint_changes_with_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1")
    before = download.fingerprint(tmp_path, ["a.csv"])
    os.utime(tmp_path / "a.csv", ns=(1, 1))
    touched = download.fingerprint(tmp_path, ["a.csv"])
    assert touched == "a.csv 1 1"
    assert before != touched


def test_the_homes_follow_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.delenv("RECSYS_DATA", raising=False)
    monkeypatch.delenv("RECSYS_CACHE", raising=False)
    assert (data_home(), cache_home()) == (
        Path("/home/ada/.cache/recsys/data"),
        Path("/home/ada/.cache/recsys"),
    )
    monkeypatch.setenv("RECSYS_DATA", "~/data")
    monkeypatch.setenv("RECSYS_CACHE", "/scratch")
    assert (data_home(), cache_home()) == (Path("/home/ada/data"), Path("/scratch"))
