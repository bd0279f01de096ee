"""`recsys data describe` on files that are counted by hand: what is printed, written and refused."""

import json
from pathlib import Path

import pytest

from recsys.commands import main

COLUMNS = "data.columns={user:{user:id},item:{item:id},context:{at:time},feedback:{rating:number}}"
LOG = "user,item,rating,at\n1,1,5,1748779200\n1,2,1,1748779200\n2,1,4,1748865600\n2,1,4,1748865600\n"
WORDS = ["data=table", "data.events=log.csv", COLUMNS, "label=rating_threshold"]


@pytest.fixture
def cache(workplace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own for the test, in whose empty folder it runs."""
    monkeypatch.setenv("RECSYS_CACHE", str(tmp_path / "cache"))
    Path("log.csv").write_text(LOG)
    return tmp_path / "cache"


def describe(*words: str) -> int:
    return main(["data", "describe", *words])


def test_the_profile_is_printed_within_80_columns_and_nothing_is_left_behind(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert describe(*WORDS) == 0
    out = capsys.readouterr().out
    for part in (
        "4 interactions",
        "3 of users and items, a density of 75.000%",
        "2025-06-01 12:00 to 2025-06-02 12:00, 1.0 days",
        "0.7500 on average, of 4 rows",
        "1 to 5, mean 3.5",
        "warning: 1 row is equal to an earlier one in every column",
        "1 item has one event (50%)",
    ):
        assert part in out.replace("\n", " ") or part in out
    lines = [line.split() for line in out.splitlines()]
    assert ["2025-06-01", "2", "▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇", "0.5000"] in lines
    assert ["2025-06-02", "2", "▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇", "1.0000"] in lines
    assert max(len(line) for line in out.splitlines()) <= 80
    assert [path.name for path in Path().iterdir()] == ["log.csv"]
    assert not cache.exists()


def test_the_marketplace_fits_80_columns(tiny: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert describe(*tiny) == 0
    out = capsys.readouterr().out
    assert "impressions" in out
    assert max(len(line) for line in out.splitlines()) <= 80


def test_json_holds_every_number(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert describe(*WORDS, "--output", "out/profile.json") == 0
    found = json.loads(Path("out/profile.json").read_text())
    assert (found["rows"], found["users"], found["items"], found["density"]) == (4, 2, 2, 0.75)
    assert found["by_item"]["most"] == 3
    assert found["periods"][0] == {"start": "2025-06-01", "events": 2, "label": 0.5}
    rating = {"side": "feedback", "name": "rating", "type": "number", "rows": 4, "missing": 0, "distinct": 3}
    assert found["columns"][-1] == rating
    assert len(found["warnings"]) == 2
    assert "out/profile.json" in capsys.readouterr().out


def test_markdown_holds_the_tables(cache: Path) -> None:
    assert describe(*WORDS, "--output", "profile.md") == 0
    text = Path("profile.md").read_text()
    assert "| rows | 4 interactions |" in text
    assert "| feedback | rating | number | – | 3 | 1 to 5, mean 3.5 |" in text
    assert "## warnings\n\n- 1 row is equal" in text
    widths = {line.count("|") for line in text.split("## columns")[1].split("##")[0].splitlines() if line}
    assert widths == {7}


def test_a_source_without_time_is_described(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    columns = "data.columns={user:{user:id},item:{item:id}}"
    assert describe("data=table", "data.events=log.csv", columns) == 0
    out = capsys.readouterr().out
    assert "time   none" in out
    assert "events by" not in out
    assert "1.0000 on average" in out


def test_a_label_that_the_data_lacks_is_noted(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert describe("data=table", "data.events=log.csv", COLUMNS, "label=click") == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "note: no label is shown: label=click needs data.click, which the data lacks" in out
    assert "label none" in out


def test_a_label_without_positives_is_noted(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert describe(*WORDS, "label.threshold=9") == 0
    assert "no label is shown: label.threshold=9: no row is positive" in " ".join(
        capsys.readouterr().out.split()
    )


MISTAKES = [
    (["data"], "recsys data: no command is given; choose one of describe"),
    (["data", "descibe"], "recsys data descibe: there is no such command; did you mean 'describe'?"),
    (["data", "describe", *WORDS, "--output", "x.txt"], "--output x.txt: neither .md nor .json"),
    (["data", "describe", "-m", *WORDS], "leave -m out"),
    (["data", "describe", "data=tabel"], "data=tabel: there is no such choice; did you mean 'table'?"),
    (["data", "describe", "data=table"], "data.events: no value is given"),
    (["data", "describe", "data=table", "data.events=lag.csv", COLUMNS], "did you mean log.csv?"),
]


@pytest.mark.parametrize(("words", "message"), MISTAKES)
def test_a_mistake_gets_one_message(
    words: list[str], message: str, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    error = capsys.readouterr().err
    assert message in error
    assert all(line.startswith("error: ") for line in error.splitlines())


def test_help_names_the_choices(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "describe", "--help"]) == 0
    out = capsys.readouterr().out
    assert "recsys data describe" in out
    assert "movielens_100k" in out
