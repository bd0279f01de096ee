"""Against small MATLAB files written here, and against a plain reading of the publisher's."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from recsys.data.ciao import Ciao
from recsys.types import Events, UserError

RATINGS = [[2, 7, 1, 5, 3], [1, 9, 2, 0, 1], [2, 9, 1, 4, 2]]
LINKS = [[2, 1], [2, 4], [4, 2]]


def write(folder: Path, ratings: object = RATINGS, links: object = LINKS) -> None:
    savemat(folder / "rating.mat", {"rating": np.array(ratings)})
    savemat(folder / "trustnetwork.mat", {"trustnetwork": np.array(links, dtype=np.uint16)})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    folder = tmp_path / "ciao"
    folder.mkdir()
    write(folder)
    return folder


def test_ratings_categories_and_directed_links_are_read(folder: Path) -> None:
    events = Ciao().load()
    assert events.log.columns == ["user", "item", "rating", "helpfulness"]
    assert events.log.rows() == [(1, 0, 5.0, 3.0), (0, 1, 0.0, 1.0), (1, 1, 4.0, 2.0)]
    assert events.users.rows() == [(1, []), (2, ["1", "4"]), (4, ["2"])]
    assert events.items.rows() == [(7, ["1"]), (9, ["1", "2"])]
    assert Ciao().gives == {"data.rating", "data.helpfulness"}


MISTAKES = [
    ([[2, 7, 1, 6, 3]], LINKS, r"rating\.mat: row 1, column 'rating': 6 is outside of 0 to 5"),
    ([[2, 7, 1, 5, 3], [0, 7, 1, 5, 3]], LINKS, r"rating\.mat: row 2, column 'user': 0 is outside of 1"),
    ([[2, 7, 1, 5]], LINKS, r"rating\.mat: an array of int64 \[1, 4\]; numbers \[rows, 5\] are expected"),
    (RATINGS, [[1, 2], [3, 0]], r"trustnetwork\.mat: row 2, column 'trusted': 0 is outside of 1"),
]


@pytest.mark.parametrize(("ratings", "links", "message"), MISTAKES)
def test_a_wrong_value_is_named(ratings: object, links: object, message: str, folder: Path) -> None:
    write(folder, ratings, links)
    with pytest.raises(UserError, match=message):
        Ciao().load()


def test_another_file_and_another_matrix_are_named(folder: Path) -> None:
    savemat(folder / "rating.mat", {"ratings": np.ones((1, 5))})
    with pytest.raises(UserError, match=r"rating\.mat: there is no matrix 'rating'; it has ratings"):
        Ciao().load()
    (folder / "rating.mat").write_text("user,item\n1,2\n" * 100)
    with pytest.raises(UserError, match=r"rating\.mat: cannot be read as a MATLAB 5 file"):
        Ciao().load()


def test_a_missing_file_is_named_with_where_it_comes_from(folder: Path) -> None:
    (folder / "trustnetwork.mat").unlink()
    with pytest.raises(
        UserError, match=r"ciao: lacks trustnetwork\.mat; put them there from https://www\.cse\.msu"
    ):
        Ciao().fingerprint()


@pytest.fixture(scope="module")
def real(recsys_data: Path) -> Events:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_DATA", str(recsys_data))
        return Ciao().load()


def test_the_real_data_has_the_published_size(real: Events) -> None:
    assert (len(real.log), len(real.users), len(real.items)) == (284_086, 7_375, 105_114)
    assert real.users["trusts"].list.len().sum() == 111_781


def test_the_real_data_is_what_a_plain_reading_gives(real: Events, recsys_data: Path) -> None:
    raw = loadmat(recsys_data / "ciao/rating.mat")["rating"]
    users, items = real.users["user_id"].to_numpy(), real.items["item_id"].to_numpy()
    log = real.log
    found = np.stack(
        [users[log["user"]], items[log["item"]], log["rating"].to_numpy(), log["helpfulness"].to_numpy()], 1
    )
    assert (found == raw[:, [0, 1, 3, 4]]).all()
    trusting = Counter(map(int, loadmat(recsys_data / "ciao/trustnetwork.mat")["trustnetwork"][:, 0]))
    assert {u: len(t) for u, t in real.users.iter_rows() if t} == trusting
