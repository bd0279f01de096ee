"""Against a small file written here, and against the counts of UCI's description of the data."""

import gzip
from pathlib import Path

import pytest

from recsys.data.census_income import NAMES, CensusIncome
from recsys.types import Events, UserError

PERSON = (
    "38, Private, 6, 36, High school graduate, 0, Not in universe, Never married, Manufacturing, Machine "
    "operators, White, Mexican (Mexicano), Female, Not in universe, Not in universe, Full-time schedules,"
    " 0, 7, 2500, Single, Not in universe, Not in universe, Householder, Householder, 1032.38, ?, ?, ?, "
    "No, ?, 4, Not in universe, Mexico, ?, Mexico, Foreign born- Not a citizen of U S , 0, Not in "
    "universe, 2, 12, 95, 50000+."
)
OTHER = PERSON.replace("Never married", "Divorced").replace("50000+.", "- 50000.")


def write(folder: Path, *rows: str, name: str = "test") -> None:
    with gzip.open(folder / f"census-income.{name}.gz", "wt") as handle:
        handle.write("".join(f"{row}\n" for row in rows))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    folder = tmp_path / "census-income"
    folder.mkdir()
    write(folder, PERSON, OTHER)
    return folder


def test_both_tasks_are_feedback_and_no_feature(folder: Path) -> None:
    events = CensusIncome().load()
    assert events.log.rows() == [
        (0, 0, True, True, "Never married", 1032.38),
        (1, 0, False, False, "Divorced", 1032.38),
    ]
    assert events.items["item_id"].to_list() == ["survey"]
    assert not {"income", "marital_status", "never_married", "weight"} & set(events.users.columns)
    assert len(events.users.columns) == 1 + 42 - 3


def test_what_is_known_of_a_person_is_read_and_a_question_mark_is_missing(folder: Path) -> None:
    person = CensusIncome().load().users.row(0, named=True)
    assert [person[name] for name in ("user_id", "age", "dividends", "capital_losses", "weeks_worked")] == [
        1,
        38.0,
        2500.0,
        7.0,
        12.0,
    ]
    assert person["citizenship"] == "Foreign born- Not a citizen of U S"
    assert {name for name, value in person.items() if value is None} == {
        "migration_msa",
        "migration_region",
        "migration_within_region",
        "migration_sunbelt",
        "mother_birth",
    }


def test_the_training_file_is_read_where_asked(folder: Path) -> None:
    write(folder, PERSON, name="data")
    assert len(CensusIncome(file="train").load().log) == 1
    assert CensusIncome(file="train").fingerprint() != CensusIncome().fingerprint()


MISTAKES = [
    (PERSON.replace("38,", "old,"), "line 1, column 'age': 'old' is no number"),
    (PERSON.replace(", 95", ""), f"line 1 has 41 fields, {len(NAMES)} are expected"),
    (PERSON.replace("50000+.", "rich"), "row 1, column 'income': 'rich' is neither '50000[+].' nor '- 50000.'"),
]


@pytest.mark.parametrize(("row", "message"), MISTAKES)
def test_a_broken_row_is_named(row: str, message: str, folder: Path) -> None:
    write(folder, row)
    with pytest.raises(UserError, match=message):
        CensusIncome().load()


def test_a_missing_file_is_named(folder: Path) -> None:
    with pytest.raises(
        UserError, match=r"census-income: lacks census-income\.data\.gz; put them there from https"
    ):
        CensusIncome(file="train").fingerprint()


@pytest.fixture(scope="module")
def real(recsys_data: Path) -> Events:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_DATA", str(recsys_data))
        return CensusIncome().load()


def test_the_real_data_has_the_published_size(real: Events, recsys_data: Path) -> None:
    assert (len(real.log), len(real.users)) == (99_762, 99_762)
    with gzip.open(recsys_data / "census-income/census-income.test.gz", "rt") as handle:
        text = handle.read()
    assert int(real.log["income"].sum()) == text.count(" 50000+.") == 6_186
    assert int(real.log["never_married"].sum()) == text.count(", Never married,") == 43_143
