"""Against LightGCN's Table 2 and the counts of its files, and a plain reading of lines."""

from pathlib import Path

import pytest

from recsys.data.gowalla import Gowalla
from recsys.types import Events, UserError

FILES = {"train.txt": "0 5 3\n2 3\n1 7 5 \n\n", "test.txt": "2 5\n0 9\n1\n"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    folder = tmp_path / "gowalla"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


def test_a_line_is_a_user_and_her_items(folder: Path) -> None:
    events = Gowalla().load()
    assert events.log.columns == ["user", "item", "part"]
    assert events.users["user_id"].to_list() == [0, 1, 2]
    assert events.items["item_id"].to_list() == [3, 5, 7, 9]
    train = [(0, 1, 0), (0, 0, 0), (2, 0, 0), (1, 2, 0), (1, 1, 0)]
    assert events.log.rows() == [*train, (2, 1, 2), (0, 3, 2)]


def test_it_gives_the_publishers_parts_and_no_time() -> None:
    assert Gowalla().gives == {"data.part"}


MISTAKES = [
    ("train.txt", "0 5\n1 x\n", "train.txt: line 2: 'x' is no number of a user or an item"),
    ("train.txt", "0 5\n\n1 -2\n", "train.txt: line 3: '-2' is no number of a user or an item"),
    ("train.txt", "0 5,6\n", "train.txt: line 1: '5,6' is no number of a user or an item"),
    ("test.txt", "0 5\n1 2\n0 6\n", "test.txt: line 3: user 0 has a line already"),
    ("test.txt", "0\n1\n", "test.txt: the file has no items"),
    ("test.txt", "", "test.txt: the file has no items"),
]


@pytest.mark.parametrize(("name", "text", "message"), MISTAKES)
def test_a_broken_file_is_named(name: str, text: str, message: str, folder: Path) -> None:
    (folder / name).write_text(text)
    with pytest.raises(UserError) as error:
        Gowalla().load()
    assert str(error.value).startswith(f"{folder}/{message}")


def test_a_lacking_file_is_named_with_its_origin(folder: Path) -> None:
    (folder / "test.txt").unlink()
    with pytest.raises(UserError, match=r"gowalla: lacks test\.txt; put test\.txt there, .*LightGCN"):
        Gowalla().fingerprint()


@pytest.fixture(scope="module")
def real(recsys_data: Path) -> Events:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_DATA", str(recsys_data))
        return Gowalla().load()


def test_the_real_data_has_the_published_size(real: Events) -> None:
    assert (len(real.users), len(real.items)) == (29858, 40981)
    assert real.log["part"].value_counts(sort=True).rows() == [(0, 810128), (2, 217242)]


def test_the_real_log_is_what_a_plain_reading_gives(real: Events, recsys_data: Path) -> None:
    lines = [
        [*map(int, line.split())]
        for name in ("train.txt", "test.txt")
        for line in (recsys_data / "gowalla" / name).read_text().splitlines()
    ]
    assert real.log["item"].to_list() == [item for _, *items in lines for item in items]
    assert real.log["user"].to_list() == [user for user, *items in lines for _ in items]
