"""Against the counts of the file, and Python's csv module on it."""

import csv
from pathlib import Path

import pytest

from recsys.data.frappe import Frappe
from recsys.types import Events, UserError

HEAD = "user,item,cnt,daytime,weekday,isweekend,homework,cost,weather,country,city\n"
ROWS = (
    "7,3,428,night,sunday,weekend,home,paid,sunny,Spain,369\n"
    "8,3,1,noon,monday,workday,unknown,paid,unknown,,0\n"
)
CONTEXT = ["daytime", "weekday", "isweekend", "homework", "weather", "country", "city"]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    file = tmp_path / "frappe" / "frappe.csv"
    file.parent.mkdir()
    file.write_text(HEAD + ROWS.replace(",,0", ",India,0"))
    return file


def test_context_is_the_querys_and_cost_the_apps(file: Path) -> None:
    events = Frappe().load()
    assert events.log.columns == ["user", "item", *CONTEXT, "count"]
    assert events.log.rows() == [
        (0, 0, "night", "sunday", "weekend", "home", "sunny", "Spain", "369", 428.0),
        (1, 0, "noon", "monday", "workday", "unknown", "unknown", "India", "0", 1.0),
    ]
    assert events.users.rows() == [(7,), (8,)]
    assert events.items.rows() == [(3, "paid")]
    assert Frappe().gives == {"data.count"}


MISTAKES = [
    (HEAD + ROWS, "frappe.csv: line 3, column 'country': the value is missing"),
    (HEAD.replace("cnt", "count") + ROWS, "frappe.csv: there is no column 'cnt'"),
    (
        HEAD + "7,3,often,night,sunday,weekend,home,paid,sunny,Spain,369\n",
        "frappe.csv: line 2, column 'cnt': 'often'",
    ),
    (HEAD + "7,3,1\n", "frappe.csv: line 2 has 3 fields, the first line has 11"),
]


@pytest.mark.parametrize(("text", "message"), MISTAKES)
def test_a_broken_file_is_named(text: str, message: str, file: Path) -> None:
    file.write_text(text)
    with pytest.raises(UserError) as error:
        Frappe().load()
    assert str(error.value).startswith(f"{file.parent}/{message}")


def test_a_missing_folder_is_named_with_its_origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    with pytest.raises(UserError, match=r"frappe: no such folder; put frappe\.csv there, .*1505\.03014"):
        Frappe().fingerprint()


@pytest.fixture(scope="module")
def real(recsys_data: Path) -> Events:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_DATA", str(recsys_data))
        return Frappe().load()


def test_the_real_data_has_the_size_of_its_file(real: Events) -> None:
    assert (len(real.log), len(real.users), len(real.items)) == (17_421, 757, 2_009)


def test_the_real_rows_are_what_a_plain_reading_gives(real: Events, recsys_data: Path) -> None:
    with (recsys_data / "frappe/frappe.csv").open(newline="", encoding="utf-8") as handle:
        raw = list(csv.DictReader(handle))
    users, items = real.users["user_id"].to_list(), real.items.rows()
    for row, (user, item, *context, count) in zip(raw, real.log.iter_rows(), strict=True):
        assert (int(row["user"]), int(row["item"]), row["cost"]) == (users[user], *items[item])
        assert ([row[name] for name in CONTEXT], float(row["cnt"])) == (context, count)
