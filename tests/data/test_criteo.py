"""Against a slow reading of small files in the format of the challenge: no real file is here."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys.data.criteo import CATEGORIES, NUMBERS, Criteo
from recsys.types import UserError

count = st.one_of(st.just(""), st.integers(-3, 10**6).map(str))
word = st.one_of(st.just(""), st.integers(0, 2**32 - 1).map("{:08x}".format))
rows = st.lists(st.tuples(st.sampled_from("01"), *[count] * 13, *[word] * 26), min_size=1, max_size=8)


def good(click: str = "1") -> list[str]:
    return [click, *map(str, range(13)), *(f"{k:08x}" for k in range(26))]


def line(fields: list[str]) -> str:
    return "\t".join(fields) + "\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    file = tmp_path / "criteo" / "train.txt"
    file.parent.mkdir()
    file.write_text(line(good()))
    return file


@given(rows)
@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_field_is_read_and_an_empty_one_is_missing(file: Path, rows: list[tuple[str, ...]]) -> None:
    file.write_text("".join(line(list(row)) for row in rows))
    events = Criteo().load()
    for found, (click, *fields) in zip(events.log.iter_rows(named=True), rows, strict=True):
        assert (found["user"], found["item"], found["click"]) == (0, 0, click == "1")
        assert [found[name] for name in NUMBERS] == [float(v) if v else None for v in fields[:13]]
        assert [found[name] for name in CATEGORIES] == [v or None for v in fields[13:]]


def test_user_item_and_time_are_not_invented(file: Path) -> None:
    events = Criteo().load()
    assert (events.users.rows(), events.items.rows()) == ([("anyone",)], [("advertisement",)])
    assert Criteo().gives == {"data.click"}
    assert events.impressions


def test_so_many_rows_are_read_and_the_fingerprint_says_how_many(file: Path) -> None:
    file.write_text("".join(line(good(click)) for click in "0110"))
    assert Criteo(rows=3).load().log["click"].to_list() == [False, True, True]
    assert Criteo(rows=3).fingerprint() != Criteo().fingerprint()


def test_windows_line_ends_and_blank_lines_are_taken(file: Path) -> None:
    file.write_bytes(("\t".join(good()) + "\r\n\r\n" + "\t".join(good("0")) + "\r\n").encode())
    log = Criteo().load().log
    assert log["C26"].to_list() == ["00000019"] * 2
    assert log["click"].to_list() == [True, False]


MISTAKES = [
    (good()[:-1], r"criteo/train\.txt: line 2 has 39 fields, 40 are expected"),
    ([*good(), "x"], r"criteo/train\.txt: line 2 has 41 fields, 40 are expected"),
    (["1", "many", *good()[2:]], r"line 2, column 'I1': 'many' is no number"),
    (good(""), r"line 2, column 'click': the value is missing, and every row needs one"),
    (good("yes"), r"line 2, column 'click': 'yes' is no number"),
    (good("7"), r"row 2, column 'click': 7 is neither 0 nor 1"),
]


@pytest.mark.parametrize(("fields", "message"), MISTAKES)
def test_a_broken_line_is_named(fields: list[str], message: str, file: Path) -> None:
    file.write_text(line(good()) + line(fields) + line(good()))
    with pytest.raises(UserError, match=message):
        Criteo().load()


def test_an_empty_and_a_missing_file_are_named(file: Path) -> None:
    file.write_text("")
    with pytest.raises(UserError, match=r"train\.txt: the file has no rows"):
        Criteo().load()
    file.unlink()
    with pytest.raises(
        UserError, match=r"criteo: lacks train\.txt; put them there from https://www\.kaggle\.com"
    ):
        Criteo().load()
