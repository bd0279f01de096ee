"""Files on the web and on object storage, against a server of this test on the loopback address.

The independent source is the local file of the same bytes: both have to be read alike.
"""

import gzip
import hashlib
import io
import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl
import pytest

from recsys.commands import main
from recsys.data.table import Table
from recsys.types import UserError

COLUMNS = {"user": {"user": "id"}, "item": {"item": "id"}, "feedback": {"rating": "number"}}
CSV = 'user,item,rating\n1,2,3\n\n"a, b",é,4.5\n'
ROWS = [("1", "2", 3.0), ("a, b", "é", 4.5)]
JSON = '{"user": 1, "item": 2, "rating": 3}\n\n{"user": "a, b", "item": "é", "rating": 4.5}\n'


class Shop:
    """A web server that is a bucket too: objects by path, ranges, HEAD; nothing is signed.

    Attributes:
        asked: method and path of every request.
        silent: headers that are not sent.
        cut: bytes of every body that are not sent.
    """

    def __init__(self, folder: Path) -> None:
        self.account = folder / "account.json"
        self.objects: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.silent: set[str] = set()
        self.cut = 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        nobody = {"gcs_base_url": self.address, "disable_oauth": True}
        nobody |= dict.fromkeys(("client_email", "private_key", "private_key_id"), "")
        self.account.write_text(json.dumps(nobody))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def options(self, scheme: str) -> dict[str, str | bool] | None:
        """Of polars, to take this server for S3 or Google's storage."""
        s3 = {
            "aws_endpoint_url": self.address,
            "aws_region": "us-east-1",
            "aws_skip_signature": True,
            "aws_allow_http": True,
        }
        return {"s3": s3, "gs": {"google_service_account": str(self.account)}}.get(scheme)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def answer(self, wanted: str, ranges: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        data = self.objects.get(wanted)
        if data is None:
            return 404, {"Content-Length": "0"}, b""
        headers = {
            "ETag": f'"{hashlib.md5(data).hexdigest()}"',
            "Last-Modified": "Wed, 21 Oct 2015 07:28:00 GMT",
        }
        status, body = 200, data
        if match := re.fullmatch(r"bytes=(\d*)-(\d*)", ranges):
            first, last = match.groups()
            start = int(first) if first else max(0, len(data) - int(last))
            end = min(int(last) + 1, len(data)) if first and last else len(data)
            if start >= len(data):
                return 416, {"Content-Length": "0"}, b""
            status, body = 206, data[start:end]
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(data)}"
        headers["Content-Length"] = str(len(body))
        return status, {name: text for name, text in headers.items() if name not in self.silent}, body

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        shop = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                shop.asked.append((self.command, self.path))
                status, headers, body = shop.answer(unquote(self.path), self.headers.get("Range", ""))
                self.send_response(status)
                for name, text in headers.items():
                    self.send_header(name, text)
                self.send_header("Connection", "close")
                self.close_connection = True
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(body[: len(body) - shop.cut])

            do_HEAD = do_GET  # noqa: N815 - http.server's name

            def log_message(self, *_: Any) -> None: ...

        return Handler


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    shop = Shop(tmp_path_factory.mktemp("account"))
    yield shop
    shop.close()


def columnar(write: Callable[[pl.DataFrame, io.BytesIO], Any]) -> bytes:
    buffer = io.BytesIO()
    write(pl.DataFrame(ROWS, schema=["user", "item", "rating"], orient="row"), buffer)
    return buffer.getvalue()


FILES = {
    "log.csv": CSV.encode(),
    "marked.csv": b"\xef\xbb\xbf" + CSV.replace("\n", "\r\n").encode(),
    "log.tsv": CSV.replace('"a, b"', "a; b").replace(",", "\t").replace("a; b", '"a, b"').encode(),
    "log.csv.gz": gzip.compress(CSV.encode(), mtime=0),
    "log.jsonl": JSON.encode(),
    "log.ndjson.gz": gzip.compress(JSON.encode(), mtime=0),
    "log.parquet": columnar(pl.DataFrame.write_parquet),
    "log.arrow": columnar(pl.DataFrame.write_ipc),
}


def source(shop: Shop, scheme: str, name: str, data: bytes | None, **more: Any) -> Table:
    """A table on the server, under an address of object storage or of the web."""
    if data is not None:
        shop.objects[f"/bucket/{name}"] = data
    start = f"{shop.address}/bucket/" if scheme == "http" else f"{scheme}://bucket/"
    return Table(events=start + name, columns=COLUMNS, storage_options=shop.options(scheme), **more)


def rows(table: Table) -> list[tuple[Any, ...]]:
    events = table.load()
    users, items = (frame.to_series().cast(pl.String) for frame in (events.users, events.items))
    log = events.log
    return list(zip(users.gather(log["user"]), items.gather(log["item"]), log["rating"], strict=True))


@pytest.mark.parametrize("scheme", ["s3", "gs", "http"])
@pytest.mark.parametrize("name", FILES)
def test_a_remote_file_is_read_like_the_local_one(
    name: str, scheme: str, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(FILES[name])
    assert rows(Table(events=name, columns=COLUMNS)) == ROWS
    assert rows(source(shop, scheme, name, FILES[name])) == ROWS


@pytest.mark.parametrize("scheme", ["s3", "http"])
def test_several_remote_files_follow_each_other_beside_local_ones(
    scheme: str, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("local.csv").write_text("user,item,rating\n7,8,1\n")
    names = [source(shop, scheme, name, FILES[name]).files["events"] for name in ("log.csv", "log.csv.gz")]
    files: list[Any] = [*names, "local.csv"]
    table = Table(events=files, columns=COLUMNS, storage_options=shop.options(scheme))
    assert rows(table) == [*ROWS, *ROWS, ("7", "8", 1.0)]


MISTAKES = [
    ("log.csv", CSV.encode() + b"1,2,x\n", "line 5, column 'rating': 'x' is no number"),
    ("log.csv", CSV.encode() + b"1,2\n", "line 5 has 2 fields, the first line has 3"),
    ("log.csv", CSV.encode() + b"1,\xe9,3\n", "line 5: "),
    ("log.csv", b"", ""),
    ("log.csv.gz", gzip.compress(CSV.encode(), mtime=0)[:-9], ""),
    ("log.csv.gz", gzip.compress(CSV.encode() + b"1,2,x\n", mtime=0), "line 5, column 'rating'"),
    ("log.jsonl", JSON.encode() + b"[1]\n", "line 4: is a JSON list"),
    ("log.parquet", b"PAR1", "cannot be read as Parquet"),
    ("log.parquet", FILES["log.parquet"][:-9], "cannot be read as Parquet"),
    ("log.arrow", b"ARROW1", "cannot be read as Arrow"),
]


@pytest.mark.parametrize("scheme", ["s3", "http"])
@pytest.mark.parametrize(("name", "data", "message"), MISTAKES)
def test_a_mistake_is_named_with_the_address(
    name: str, data: bytes, message: str, scheme: str, shop: Shop
) -> None:
    table = source(shop, scheme, name, data)
    with pytest.raises(UserError) as error:
        table.load()
    (problem,) = error.value.problems
    assert problem.startswith(str(table.files["events"]))
    assert message in problem
    assert "\n" not in problem


@pytest.mark.parametrize(
    ("scheme", "message"),
    [("s3", "no such file there"), ("gs", "no such file there"), ("http", "HTTP status 404")],
)
@pytest.mark.parametrize("name", ["log.csv", "log.parquet"])
def test_a_file_that_is_not_there_is_named(name: str, scheme: str, message: str, shop: Shop) -> None:
    table = source(shop, scheme, name, None)
    for ask in (table.fingerprint, table.load):
        with pytest.raises(UserError, match=message) as error:
            ask()
        assert str(table.files["events"]) in str(error.value)


def test_a_server_that_is_not_there_is_named() -> None:
    table = Table(events="http://127.0.0.1:9/log.csv", columns=COLUMNS)
    with pytest.raises(UserError, match=r"http://127\.0\.0\.1:9/log\.csv: cannot be downloaded \(.*refused"):
        table.fingerprint()


def test_a_download_that_breaks_off_is_refused(shop: Shop) -> None:
    shop.cut = 3
    with pytest.raises(UserError, match=r"log\.csv: the download breaks off after 32 of 35 bytes"):
        source(shop, "http", "log.csv", b"user,item,rating\n" + b"1,2,3\n" * 3).load()


@pytest.mark.parametrize("scheme", ["s3", "http"])
@pytest.mark.parametrize("silent", [set(), {"ETag"}, {"ETag", "Last-Modified"}])
@pytest.mark.parametrize("name", ["log.csv", "log.parquet"])
def test_the_fingerprint_follows_the_content(name: str, scheme: str, silent: set[str], shop: Shop) -> None:
    shop.silent = silent
    before = source(shop, scheme, name, FILES[name]).fingerprint()
    assert source(shop, scheme, name, FILES[name]).fingerprint() == before
    other = (CSV + "9,9,9\n").encode() if name == "log.csv" else columnar(lambda f, b: f[:1].write_parquet(b))
    assert source(shop, scheme, name, other).fingerprint() != before


def test_what_the_server_tells_saves_the_download(shop: Shop) -> None:
    source(shop, "http", "log.csv", FILES["log.csv"]).fingerprint()
    assert shop.asked == [("HEAD", "/bucket/log.csv")]


def test_a_file_is_fetched_once_for_fingerprint_and_rows(shop: Shop) -> None:
    table = source(shop, "s3", "log.csv", FILES["log.csv"])
    table.fingerprint()
    table.fingerprint()
    assert rows(table) == ROWS
    assert shop.asked == [("GET", "/bucket/log.csv")]


def test_copies_are_removed_with_their_source(shop: Shop) -> None:
    table = source(shop, "s3", "log.csv", FILES["log.csv"])
    copy = table.copies.of("s3://bucket/log.csv").path
    assert copy.exists()
    del table
    assert not copy.parents[1].exists()


def test_a_glob_of_remote_files_is_refused(shop: Shop) -> None:
    with pytest.raises(UserError, match=r"data\.events=s3://bucket/\*\.csv: a remote folder is not searched"):
        source(shop, "s3", "*.csv", None).fingerprint()


@pytest.mark.parametrize("name", ["aws_secret_access_key", "bearer_token", "azure_storage_account_key"])
def test_a_secret_in_the_config_is_refused_without_being_shown(name: str) -> None:
    with pytest.raises(UserError, match=rf"data\.storage_options\.{name}: .*{name.upper()}") as error:
        Table(events="s3://b/log.csv", columns=COLUMNS, storage_options={name: "hush"})
    assert "hush" not in str(error.value)


@pytest.mark.parametrize("scheme", ["s3", "http"])
def test_a_run_on_a_remote_file_is_prepared_once(
    scheme: str, shop: Shop, workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "".join(f"{n % 40},{n * 7 % 31},1\n" for n in range(400))
    table = source(shop, scheme, f"{scheme}.csv", f"user,item,rating\n{rows}".encode())
    options = ",".join(f"{key}: '{value}'" for key, value in (shop.options(scheme) or {}).items())
    words = [
        f"data.events='{table.files['events']}'",
        "data.columns={user:{user:id},item:{item:id}}",
        f"data.storage_options={{{options}}}".replace("'True'", "true") if options else "seed=0",
    ]
    for wanted in ("prepared in", "taken from the cache"):
        assert main(["train", "data=table", *words, "split=random", "model=popularity"]) == 0
        assert wanted in capsys.readouterr().out
