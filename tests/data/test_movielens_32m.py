"""Against the format that the publisher's README describes."""

from pathlib import Path

import pytest

from recsys.data.movielens_32m import MovieLens32M
from recsys.types import UserError

FILES = {
    "ratings.csv": "userId,movieId,rating,timestamp\n2,30,2.5,1260759144\n1,10,5.0,1260759179\n",
    "movies.csv": 'movieId,title,genres\n10,"Heat, The (1995)",Comedy|Drama\n30,Amélie,(no genres listed)\n',
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    folder = tmp_path / "ml-32m"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_the_publishers_formats_are_read(folder: Path) -> None:
    events = MovieLens32M().load()
    assert events.log.columns == ["user", "item", "time", "rating"]
    assert events.log.rows() == [(0, 1, 1260759144, 2.5), (1, 0, 1260759179, 5.0)]
    assert events.users.rows() == [(2,), (1,)]
    assert events.items.rows() == [
        (10, "Heat, The (1995)", ["Comedy", "Drama"], 1995.0),
        (30, "Amélie", [], None),
    ]


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
    ("ratings.csv", FILES["ratings.csv"] + "1,2,5\n", "ratings.csv: line 4 has 3 fields, the first line has 4"),
    ("movies.csv", FILES["movies.csv"] + "30,X,Y\n", "movies.csv: line 4, column 'movieId': 30 stands twice"),
]


@pytest.mark.parametrize(("name", "text", "message"), MISTAKES)
def test_a_broken_file_is_named(name: str, text: str, message: str, folder: Path) -> None:
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as error:
        MovieLens32M().load()
    assert str(error.value).startswith(f"{folder}/{message}")


def test_the_fingerprint_names_the_folder_and_the_files(folder: Path) -> None:
    assert MovieLens32M().fingerprint().startswith("ml-32m ratings.csv 72 ")
