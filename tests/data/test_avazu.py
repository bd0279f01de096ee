"""Against small files in the format of the challenge, with the header of its page: no real file is here."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from recsys.data.avazu import Avazu
from recsys.types import UserError

HEADER = (
    "id,click,hour,C1,banner_pos,site_id,site_domain,site_category,app_id,app_domain,app_category,device_id,"
    "device_ip,device_model,device_type,device_conn_type,C14,C15,C16,C17,C18,C19,C20,C21"
)
ROW = (
    "1000009418151094273,{click},{hour},1005,0,1fbe01fe,f3845767,28905ebd,ecad2386,7801e8d9,07d7df22,{device},{ip},"
    "44956a24,1,2,{ad},320,50,1722,0,35,-1,79"
)


def row(
    click: object = 0, hour: object = 14102100, device: str = "a99f214a", ip: str = "ip1", ad: str = "15706"
) -> str:
    return ROW.format(click=click, hour=hour, device=device, ip=ip, ad=ad)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    file = tmp_path / "avazu" / "train.csv"
    file.parent.mkdir()
    rows = [row(), row(1, 14103023, "b1", "ip2", "15704"), row(ip="ip2")]
    file.write_text("\n".join([HEADER, *rows]) + "\n")
    return file


def test_a_device_is_the_user_and_the_hour_the_time(file: Path) -> None:
    events = Avazu().load()
    first, last = (int(datetime(2014, 10, *at, tzinfo=UTC).timestamp()) for at in ((21, 0), (30, 23)))
    assert events.log.select("user", "item", "time", "click").rows() == [
        (0, 0, first, False),
        (1, 1, last, True),
        (1, 0, first, False),
    ]
    assert events.users.rows() == [("ip1",), ("ip2",)]
    assert events.items.rows() == [("15706",), ("15704",)]
    assert events.log["device_id"].to_list() == ["a99f214a", "b1", "a99f214a"]
    assert Avazu().gives == {"data.click", "data.time"}


def test_every_other_column_is_context(file: Path) -> None:
    names = set(HEADER.split(",")) - {"id", "click", "hour", "device_ip", "C14"}
    assert set(Avazu().columns.context) == names | {"timestamp"}
    log = Avazu().load().log
    assert names <= set(log.columns)
    assert log["C20"][0] == "-1"


def test_the_device_id_can_be_the_user(file: Path) -> None:
    events = Avazu(user="device_id").load()
    assert events.users.rows() == [("a99f214a",), ("b1",)]
    assert "device_ip" in events.log.columns


def test_so_many_rows_are_read(file: Path) -> None:
    assert len(Avazu(rows=2).load().log) == 2


MISTAKES = [
    (HEADER, row(click=2), r"avazu/train\.csv: row 1, column 'click': '2' is no flag: write 0 or 1"),
    (HEADER, row(hour=14102124), r"row 1, column 'hour': '14102124' is no hour: write YYMMDDHH, like 14102100"),
    (HEADER, row(hour=1410210), r"row 1, column 'hour': '1410210' is no hour: write YYMMDDHH"),
    (HEADER, row(ip=""), r"line 2, column 'device_ip': the value is missing"),
    (HEADER, row() + ",9", r"line 2 has 25 fields, 24 are expected"),
    (HEADER.replace("hour", "day"), row(), r"line 1: column 3 is 'day', and 'hour' is expected"),
    (HEADER.removesuffix(",C21"), row(), r"line 1: column 24 is None, and 'C21' is expected"),
]


@pytest.mark.parametrize(("header", "row", "message"), MISTAKES)
def test_a_broken_line_is_named(header: str, row: str, message: str, file: Path) -> None:
    file.write_text(f"{header}\n{row}\n")
    with pytest.raises(UserError, match=message):
        Avazu().load()


def test_a_missing_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    with pytest.raises(
        UserError, match=r"avazu: is missing, with train\.csv; put them there from https://www\.kaggle"
    ):
        Avazu().fingerprint()
