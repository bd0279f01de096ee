"""Against a small file written here, and against a plain reading of the publisher's rows."""

import csv
from pathlib import Path

import pytest

from recsys.data.kuairand import KuaiRand
from recsys.types import Events, UserError

HEADER = (
    "user_id video_id date hourmin time_ms is_click is_follow is_comment is_forward long_view play_time_ms "
    "duration_ms comment_stay_time is_profile_enter label timestamp"
)
ROWS = [
    "9 30 20220410 1700 1649581149287 1 0 1 0 1 46186 45916 7639 0 1 2022-04-10",
    "9 10 20220411 1600 1649664552983 0 1 0 1 0 500 0 0 1 0 2022-04-11",
]


def text(*rows: str) -> str:
    return "".join(line.replace(" ", "\t") + "\n" for line in (HEADER, *rows))


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    file = tmp_path / "kuairand" / "processed_standard_kcore_15.tsv"
    file.parent.mkdir()
    file.write_text(text(*ROWS))
    return file


def test_every_kind_of_feedback_is_read(file: Path) -> None:
    events = KuaiRand().load()
    first, second = events.log.to_dicts()
    true = {"like", "click", "comment", "long_view"}
    flags = {"like", "hate", "click", "follow", "comment", "forward", "long_view", "profile_enter"}
    assert {name for name in flags if first[name]} == true
    assert {name for name in flags if second[name]} == {"hate", "follow", "forward", "profile_enter"}
    assert (first["time"], first["play_seconds"], first["comment_seconds"]) == (1649581149, 46.186, 7.639)
    assert events.items.rows() == [(30, pytest.approx(45.916)), (10, 0.0)]
    assert events.impressions
    assert KuaiRand().gives == {f"data.{n}" for n in (*flags, "play_seconds", "comment_seconds", "time")}


MISTAKES = [
    (ROWS[0].replace("1649581149287", "soon"), "line 2, column 'time_ms': 'soon' is no time"),
    (ROWS[0].replace("46186", ""), "line 2, column 'play_time_ms': the value is missing"),
    (ROWS[0].replace(" 1 2022-04-10", " 3 2022-04-10"), "line 2, column 'label': '3' is no flag"),
]


@pytest.mark.parametrize(("row", "message"), MISTAKES)
def test_a_broken_row_is_named(row: str, message: str, file: Path) -> None:
    file.write_text(text(row))
    with pytest.raises(UserError, match=message):
        KuaiRand().load()


def test_a_missing_file_is_named(file: Path) -> None:
    file.unlink()
    with pytest.raises(
        UserError, match=r"kuairand: lacks processed_standard_kcore_15\.tsv; put them there from"
    ):
        KuaiRand().fingerprint()


@pytest.fixture(scope="module")
def real(recsys_data: Path) -> Events:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_DATA", str(recsys_data))
        return KuaiRand().load()


def test_the_real_data_has_the_published_size(real: Events) -> None:
    assert (len(real.log), len(real.users), len(real.items)) == (41_828, 664, 9_359)
    assert (int(real.log["like"].sum()), int(real.log["hate"].sum())) == (33_745, 8_083)


def test_the_real_log_is_what_a_plain_reading_gives(real: Events, recsys_data: Path) -> None:
    with (recsys_data / "kuairand/processed_standard_kcore_15.tsv").open() as handle:
        raw = list(csv.DictReader(handle, delimiter="\t"))
    users, items = real.users["user_id"], real.items["item_id"]
    for row, wanted in zip(real.log.iter_rows(named=True), raw, strict=True):
        assert (users[row["user"]], items[row["item"]]) == (int(wanted["user_id"]), int(wanted["video_id"]))
        assert row["time"] == int(wanted["time_ms"]) // 1000
        assert (row["click"], row["like"]) == (wanted["is_click"] == "1", wanted["label"] == "1")
        assert round(row["play_seconds"] * 1000) == int(wanted["play_time_ms"])
