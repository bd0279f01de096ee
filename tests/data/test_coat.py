"""Against small grids written here, and against the publisher's grids as NumPy reads them."""

from pathlib import Path

import numpy as np
import pytest

from recsys.data.coat import Coat
from recsys.types import Events, UserError

FILES = {
    "train.ascii": "0 4 0\r\n5 0 0\r\n",
    "test.ascii": "1 0 0\r\n0 2 3\r\n",
    "propensities.ascii": "1e-1 2e-1 3e-1\n4e-1 5e-1 6e-1\n",
    "user_features_map.txt": "gender:men\ngender:women\nage:20-30\nage:over 60\nlocation:rural\n"
    "location:urban\nfashioninterest:not at all\nfashioninterest:very",
    "user_features.ascii": "0 1 1 0 0 1 0 1\r\n1 0 0 1 1 0 1 0\r\n",
    "item_features_map.txt": "gender:men\ngender:women\njackettype:pea\ncolor:red\n"
    "onfrontpage:yes\nonfrontpage:no",
    "item_features.ascii": "1 0 1 1 1 0\r\n0 1 1 1 0 1\r\n1 0 1 1 0 1\r\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    folder = tmp_path / "coat"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_bytes(text.encode())
    return folder


def test_chosen_and_drawn_ratings_are_told_apart(folder: Path) -> None:
    events = Coat().load()
    assert events.log.columns == ["user", "item", "rating", "propensity", "random_exposure"]
    assert events.log.rows() == [
        (0, 1, 4.0, 0.2, False),
        (1, 0, 5.0, 0.4, False),
        (0, 0, 1.0, 1 / 3, True),
        (1, 1, 2.0, 2 / 3, True),
        (1, 2, 3.0, 2 / 3, True),
    ]
    assert Coat().gives == {"data.rating", "data.propensity", "data.random_exposure"}


def test_flags_become_the_categories_of_the_map(folder: Path) -> None:
    events = Coat().load()
    assert events.users.rows() == [
        (1, "women", "20-30", "urban", "very"),
        (2, "men", "over 60", "rural", "not at all"),
    ]
    assert events.items.rows() == [
        (1, "men", "pea", "red", True),
        (2, "women", "pea", "red", False),
        (3, "men", "pea", "red", False),
    ]


MISTAKES = [
    ("train.ascii", "0 4 0\n5 0\n", r"train\.ascii: line 2 has 2 numbers, 3 are expected"),
    ("train.ascii", "0 6 0\n5 0 0\n", r"train\.ascii: row 1, column 'item 2': 6\.0 is outside of 0 to 5"),
    ("train.ascii", "", r"train\.ascii: has 0 lines, at least one is expected"),
    ("test.ascii", "0 4 0\n", r"test\.ascii: has 1 lines, 2 are expected"),
    ("test.ascii", "0 x 0\n0 0 0\n", r"test\.ascii: line 1: could not convert string to float: 'x'"),
    ("propensities.ascii", "0 2 0\n0 0 0\n", r"propensities\.ascii: row 1, column 'item 2': 2\.0 is outside"),
    (
        "user_features.ascii",
        "0 1 1 0 0 1 0 1\n1 1 0 1 1 0 1 0\n",
        r"line 2: not exactly one flag of gender is 1",
    ),
    ("user_features_map.txt", "sex:men\n", r"the groups gender, age, location, fashioninterest are expected"),
]


@pytest.mark.parametrize(("name", "text", "message"), MISTAKES)
def test_a_broken_file_is_named(name: str, text: str, message: str, folder: Path) -> None:
    (folder / name).write_text(text)
    with pytest.raises(UserError, match=message):
        Coat().load()


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "test.ascii").unlink()
    with pytest.raises(
        UserError, match=r"coat: lacks test\.ascii; put them there from https://www\.cs\.cornell"
    ):
        Coat().load()


@pytest.fixture(scope="module")
def real(recsys_data: Path) -> Events:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_DATA", str(recsys_data))
        return Coat().load()


def test_the_real_data_has_the_published_size(real: Events) -> None:
    assert (len(real.users), len(real.items)) == (290, 300)
    assert real.log["random_exposure"].value_counts(sort=True).rows() == [(False, 6_960), (True, 4_640)]


def test_the_real_data_is_what_a_plain_reading_gives(real: Events, recsys_data: Path) -> None:
    for drawn, name in ((False, "train.ascii"), (True, "test.ascii")):
        log = real.log.filter(random_exposure=drawn)
        grid = np.zeros((290, 300))
        grid[log["user"], log["item"]] = log["rating"]
        assert (grid == np.loadtxt(recsys_data / "coat" / name)).all()
    drawn = real.log.filter(random_exposure=True)["propensity"]
    assert drawn.unique().to_list() == pytest.approx([16 / 300])
