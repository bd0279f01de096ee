"""Against the publisher's README, and against a plain reading of the raw files."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from recsys.data.movielens_100k import MovieLens100K
from recsys.types import Events, UserError

FILES = {
    "u.data": "7\t30\t3\t881250949\n5\t10\t5\t891717742\n7\t10\t1\t878887116\n",
    "u.user": "5|24|M|technician|85711\n7|53|F|other|T8H1N\n",
    "u.genre": "unknown|0\nAction|1\nDrama|2\n\n",
    "u.item": (
        "10|Les Misérables (1935)|04-Feb-1935||http://us.imdb.com/x|0|1|1\n"
        "20|unknown||||1|0|0\n"
        '30|"Quoted" (1971)|14-Feb-1971||http://us.imdb.com/y|0|0|0\n'
    ),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    folder = tmp_path / "ml-100k"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="latin-1")
    return folder


def seconds(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


def test_the_publishers_formats_are_read(folder: Path) -> None:
    events = MovieLens100K().load()
    assert events.log.columns == ["user", "item", "time", "rating"]
    assert events.log.rows() == [(1, 2, 881250949, 3.0), (0, 0, 891717742, 5.0), (1, 0, 878887116, 1.0)]
    assert events.users.rows() == [(5, 24.0, "M", "technician", "85711"), (7, 53.0, "F", "other", "T8H1N")]
    assert events.items.rows() == [
        (10, "Les Misérables (1935)", ["Action", "Drama"], seconds(1935, 2, 4)),
        (20, "unknown", ["unknown"], None),
        (30, '"Quoted" (1971)', [], seconds(1971, 2, 14)),
    ]
    assert not events.impressions


MISTAKES = [
    ("u.data", "7\t30\t3\n", "u.data: line 1 has 3 fields, 4 are expected"),
    ("u.data", "7\t30\tx\t881250949\n", "u.data: line 1, column 'rating': 'x' is no number"),
    ("u.data", "7\t30\t3\t-1\n", "u.data: line 1, column 'timestamp': '-1' is no time of an event"),
    ("u.user", FILES["u.user"] * 2, "u.user: line 3, column 'user_id': 5 stands twice"),
    ("u.user", "5||M|writer|1\n", "u.user: line 1, column 'age': the value is missing"),
    (
        "u.item",
        "10|x|04-Fev-1935||u|0|1|1\n",
        "u.item: line 1, column 'released': '04-Fev-1935' is no time: write 01",
    ),
    ("u.item", "10|x|||u|0|1|7\n", "u.item: line 1, column 'Drama': '7' is no flag"),
    ("u.item", "10|x|||u|0|1|1|1\n", "u.item: line 1 has 9 fields, 8 are expected"),
]


@pytest.mark.parametrize(("name", "text", "message"), MISTAKES)
def test_a_broken_file_is_named(name: str, text: str, message: str, folder: Path) -> None:
    (folder / name).write_text(text, encoding="latin-1")
    with pytest.raises(UserError) as error:
        MovieLens100K().load()
    assert str(error.value).startswith(f"{folder}/{message}")


def test_the_fingerprint_follows_the_files_and_does_not_read_them(folder: Path) -> None:
    before = MovieLens100K().fingerprint()
    assert MovieLens100K().fingerprint() == before
    (folder / "u.item").write_bytes(b"\xff")
    assert MovieLens100K().fingerprint() != before


def test_a_lacking_file_is_named(folder: Path) -> None:
    (folder / "u.genre").unlink()
    with pytest.raises(UserError, match=r"ml-100k: lacks u\.genre"):
        MovieLens100K().fingerprint()


@pytest.fixture(scope="module")
def real(recsys_data: Path) -> Events:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_DATA", str(recsys_data))
        return MovieLens100K().load()


def test_the_real_data_has_the_published_size(real: Events) -> None:
    assert (len(real.log), len(real.users), len(real.items)) == (100_000, 943, 1_682)
    assert (real.log["user"].n_unique(), real.log["item"].n_unique()) == (943, 1_682)


def test_the_real_log_is_what_a_plain_reading_gives(real: Events, recsys_data: Path) -> None:
    lines = (recsys_data / "ml-100k/u.data").read_text().splitlines()
    raw = [tuple(map(int, line.split("\t"))) for line in lines]
    users, items = real.users["user_id"].to_list(), real.items["item_id"].to_list()
    rows = [(users[u], items[i], int(rating), time) for u, i, time, rating in real.log.iter_rows()]
    assert rows == raw


def test_the_real_films_are_what_a_plain_reading_gives(real: Events, recsys_data: Path) -> None:
    lines = (recsys_data / "ml-100k/u.genre").read_text().split()
    genres = [line.split("|")[0] for line in lines]
    for place, line in enumerate((recsys_data / "ml-100k/u.item").read_text("latin-1").splitlines()):
        number, title, released, _, _, *flags = line.split("|")
        assert real.items.row(place) == (
            int(number),
            title,
            [genre for genre, flag in zip(genres, flags, strict=True) if flag == "1"],
            int(datetime.strptime(released + " +0000", "%d-%b-%Y %z").timestamp()) if released else None,
        )


def test_the_real_users_are_what_a_plain_reading_gives(real: Events, recsys_data: Path) -> None:
    for place, line in enumerate((recsys_data / "ml-100k/u.user").read_text().splitlines()):
        number, age, *rest = line.split("|")
        assert real.users.row(place) == (int(number), float(age), *rest)
