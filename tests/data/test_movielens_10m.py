"""Against the format that the publisher's README describes."""

from pathlib import Path

import pytest

from recsys.data.movielens_10m import MovieLens10M
from recsys.types import UserError

FILES = {
    "ratings.dat": "2::30::3.5::978300760\n1::10::5::978302109\n",
    "movies.dat": '10::Misérables (1995)::Drama|Musical\n20::"Great" One, The (1998)::(no genres listed)\n',
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    folder = tmp_path / "ml-10m"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_the_publishers_formats_are_read(folder: Path) -> None:
    events = MovieLens10M().load()
    assert events.log.columns == ["user", "item", "time", "rating"]
    assert events.log.rows() == [(0, 2, 978300760, 3.5), (1, 0, 978302109, 5.0)]
    assert events.users.rows() == [(2,), (1,)]
    assert events.items.rows() == [
        (10, "Misérables (1995)", ["Drama", "Musical"], 1995.0),
        (20, '"Great" One, The (1998)', [], 1998.0),
        (30, None, None, None),
    ]
    assert not events.impressions


MISTAKES = [
    ("ratings.dat", FILES["ratings.dat"] + "2::30::5\n", "ratings.dat: line 3 has 3 fields, 4 are expected"),
    ("ratings.dat", "1::2::3::4\n2:30::5::9\n", "ratings.dat: line 2 has 3 fields, 4 are expected"),
    ("ratings.dat", "1::2::3::4\n2::30::::9\n", "ratings.dat: line 2, column 'rating': the value is missing"),
    ("ratings.dat", "1::2::3::-4\n", "ratings.dat: line 1, column 'timestamp': '-4' is no time of an event"),
    ("movies.dat", FILES["movies.dat"] * 2, "movies.dat: line 3, column 'item_id': 10 stands twice"),
    ("movies.dat", "10::A (1995)\n", "movies.dat: line 1 has 2 fields, 3 are expected"),
]


@pytest.mark.parametrize(("name", "text", "message"), MISTAKES)
def test_a_broken_file_is_named(name: str, text: str, message: str, folder: Path) -> None:
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as error:
        MovieLens10M().load()
    assert str(error.value).startswith(f"{folder}/{message}")


def test_the_fingerprint_follows_the_files(folder: Path) -> None:
    before = MovieLens10M().fingerprint()
    assert before.startswith("ml-10m ratings.dat ")
    (folder / "ratings.dat").write_text("")
    assert MovieLens10M().fingerprint() != before
