"""Against the publisher's README, and against a plain reading of the raw files."""

from pathlib import Path

import pytest

from recsys.data.movielens_1m import MovieLens1M
from recsys.types import Events, UserError

FILES = {
    "ratings.dat": "2::30::5::978300760\n1::10::3::978302109\n",
    "users.dat": "1::F::1::10::48067\n2::M::56::16::98107-2117\n",
    "movies.dat": '10::Misérables: Les (1995)::Drama|Musical\n20::Dark City, "The" (1998)::Film-Noir\n',
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    folder = tmp_path / "ml-1m"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="latin-1")
    return folder


def test_the_publishers_formats_are_read(folder: Path) -> None:
    events = MovieLens1M().load()
    assert events.log.columns == ["user", "item", "time", "rating"]
    assert events.log.rows() == [(1, 2, 978300760, 5.0), (0, 0, 978302109, 3.0)]
    assert events.users.rows() == [(1, "F", "1", "10", "48067"), (2, "M", "56", "16", "98107-2117")]
    assert events.items.rows() == [
        (10, "Misérables: Les (1995)", ["Drama", "Musical"], 1995.0),
        (20, 'Dark City, "The" (1998)', ["Film-Noir"], 1998.0),
        (30, None, None, None),
    ]
    assert not events.impressions


MISTAKES = [
    ("ratings.dat", "2::30::5\n", "ratings.dat: line 1 has 3 fields, 4 are expected"),
    ("ratings.dat", FILES["ratings.dat"] + "2:30::5::9\n", "ratings.dat: line 3 has 3 fields, 4 are expected"),
    ("ratings.dat", "2::30::::978300760\n", "ratings.dat: line 1, column 'rating': the value is missing"),
    ("users.dat", "1::F::1::10\n", "users.dat: line 1 has 4 fields, 5 are expected"),
    ("movies.dat", FILES["movies.dat"] * 2, "movies.dat: line 3, column 'item_id': 10 stands twice"),
]


@pytest.mark.parametrize(("name", "text", "message"), MISTAKES)
def test_a_broken_file_is_named(name: str, text: str, message: str, folder: Path) -> None:
    (folder / name).write_text(text, encoding="latin-1")
    with pytest.raises(UserError) as error:
        MovieLens1M().load()
    assert str(error.value).startswith(f"{folder}/{message}")


@pytest.fixture(scope="module")
def real(recsys_data: Path) -> Events:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_DATA", str(recsys_data))
        return MovieLens1M().load()


def test_the_real_data_has_the_published_size(real: Events) -> None:
    assert (len(real.log), len(real.users)) == (1_000_209, 6_040)
    assert (real.log["user"].n_unique(), real.log["item"].n_unique()) == (6_040, 3_706)


def test_the_real_log_is_what_a_plain_reading_gives(real: Events, recsys_data: Path) -> None:
    lines = (recsys_data / "ml-1m/ratings.dat").read_text().splitlines()
    users, items = real.users["user_id"].to_list(), real.items["item_id"].to_list()
    assert len(lines) == len(real.log)
    for place in [*range(0, len(lines), 997), len(lines) - 1]:
        user, item, time, rating = real.log.row(place)
        assert f"{users[user]}::{items[item]}::{rating:g}::{time}" == lines[place]


def test_the_real_films_are_what_a_plain_reading_gives(real: Events, recsys_data: Path) -> None:
    lines = (recsys_data / "ml-1m/movies.dat").read_text("latin-1").splitlines()
    assert len(lines) == len(real.items)
    for place, line in enumerate(lines):
        number, title, genres = line.split("::")
        assert real.items.row(place) == (int(number), title, genres.split("|"), float(title[-5:-1]))


def test_the_real_users_are_what_a_plain_reading_gives(real: Events, recsys_data: Path) -> None:
    for place, line in enumerate((recsys_data / "ml-1m/users.dat").read_text().splitlines()):
        number, *rest = line.split("::")
        assert real.users.row(place) == (int(number), *rest)
