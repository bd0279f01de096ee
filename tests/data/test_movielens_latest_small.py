"""Against the publisher's README, and against Python's csv module on the raw files."""

import csv
from pathlib import Path

import pytest

from recsys.data.movielens_latest_small import MovieLensLatestSmall
from recsys.types import Events, UserError

FILES = {
    "ratings.csv": "userId,movieId,rating,timestamp\n2,30,2.5,1260759144\n1,10,5.0,1260759179\n",
    "movies.csv": (
        "movieId,title,genres\n"
        '10,"American President, The (1995)",Comedy|Drama\n'
        '20,"Say ""Hi"" (2006–2007)",(no genres listed)\n'
        "30,Amélie,Romance\n"
    ),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    folder = tmp_path / "ml-latest-small"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_the_publishers_formats_are_read(folder: Path) -> None:
    events = MovieLensLatestSmall().load()
    assert events.log.columns == ["user", "item", "time", "rating"]
    assert events.log.rows() == [(0, 2, 1260759144, 2.5), (1, 0, 1260759179, 5.0)]
    assert events.users.rows() == [(2,), (1,)]
    assert events.items.rows() == [
        (10, "American President, The (1995)", ["Comedy", "Drama"], 1995.0),
        (20, 'Say "Hi" (2006–2007)', [], 2006.0),
        (30, "Amélie", ["Romance"], None),
    ]
    assert not events.impressions


MISTAKES = [
    (
        "ratings.csv",
        "userId,rating,timestamp\n2,5,1\n",
        "ratings.csv: there is no column 'movieId'; it has 'userId'",
    ),
    (
        "ratings.csv",
        FILES["ratings.csv"] + "1,2,five,9\n",
        "ratings.csv: line 4, column 'rating': 'five' is no",
    ),
    ("movies.csv", FILES["movies.csv"] + "30,X,Y\n", "movies.csv: line 5, column 'movieId': 30 stands twice"),
]


@pytest.mark.parametrize(("name", "text", "message"), MISTAKES)
def test_a_broken_file_is_named(name: str, text: str, message: str, folder: Path) -> None:
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as error:
        MovieLensLatestSmall().load()
    assert str(error.value).startswith(f"{folder}/{message}")


@pytest.fixture(scope="module")
def real(recsys_data: Path) -> Events:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_DATA", str(recsys_data))
        return MovieLensLatestSmall().load()


def test_the_real_data_has_the_size_of_its_release(real: Events) -> None:
    assert (len(real.log), len(real.users), len(real.items)) == (100_004, 671, 9_125)


def test_the_real_log_is_what_a_plain_reading_gives(real: Events, recsys_data: Path) -> None:
    users, items = real.users["user_id"].to_list(), real.items["item_id"].to_list()
    with (recsys_data / "ml-latest-small/ratings.csv").open(newline="") as file:
        raw = [
            (int(r["userId"]), int(r["movieId"]), int(r["timestamp"]), float(r["rating"]))
            for r in csv.DictReader(file)
        ]
    assert [(users[u], items[i], time, rating) for u, i, time, rating in real.log.iter_rows()] == raw


def test_the_real_films_are_what_a_plain_reading_gives(real: Events, recsys_data: Path) -> None:
    with (recsys_data / "ml-latest-small/movies.csv").open(newline="", encoding="utf-8") as file:
        raw = list(csv.DictReader(file))
    assert len(raw) == len(real.items)
    for place, row in enumerate(raw):
        number, title, genres, year = real.items.row(place)
        assert (number, title) == (int(row["movieId"]), row["title"])
        assert genres == ([] if "(" in row["genres"] else row["genres"].split("|"))
        assert year is None or f"({year:.0f}" in title
    assert real.items["year"].null_count() == sum("(" not in row["title"] for row in raw)
