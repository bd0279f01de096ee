"""Against the counts of the files, and a plain reading of their lines."""

from collections import defaultdict
from pathlib import Path

import pytest

from recsys.data.lastfm import LastFm
from recsys.types import Events, UserError

FILES = {
    "data1.txt": "3\t7\t12\r\n1\t9\t3.2466e+05\r\n",
    "test1.txt": "1\t7\t5\r\n",
    "trustnetwork.txt": "1\t4\r\n1\t3\r\n3\t1\r\n4\t1\r\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    folder = tmp_path / "lastfm"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, newline="")
    return folder


def test_counts_parts_and_friends_are_read(folder: Path) -> None:
    (folder / "data1.txt").write_text(FILES["data1.txt"] + "2\t7\t1\r\n", newline="")
    events = LastFm().load()
    assert events.log.columns == ["user", "item", "plays", "part"]
    assert events.log.rows() == [(2, 0, 12.0, 0), (0, 1, 324660.0, 0), (1, 0, 1.0, 0), (0, 0, 5.0, 2)]
    assert events.users.rows() == [(1, ["4", "3"]), (2, []), (3, ["1"]), (4, ["1"])]
    assert events.items.rows() == [(7,), (9,)]
    assert LastFm().gives == {"data.part", "data.plays"}


MISTAKES = [
    ("data1.txt", "1\t2\t3\n1\t2\n", "data1.txt: line 2 has 2 fields, 3 are expected"),
    ("test1.txt", "1\t2\tmany\n", "test1.txt: line 1, column 'plays': 'many' is no number"),
    ("test1.txt", "1\t2\t\n", "test1.txt: line 1, column 'plays': the value is missing"),
    ("trustnetwork.txt", "1\t2\n3\t\n", "trustnetwork.txt: line 2, column 'friend': the value is missing"),
]


@pytest.mark.parametrize(("name", "text", "message"), MISTAKES)
def test_a_broken_file_is_named(name: str, text: str, message: str, folder: Path) -> None:
    (folder / name).write_text(text)
    with pytest.raises(UserError) as error:
        LastFm().load()
    assert str(error.value).startswith(f"{folder}/{message}")


def test_a_lacking_file_is_named_with_its_origin(folder: Path) -> None:
    (folder / "trustnetwork.txt").unlink()
    with pytest.raises(UserError, match=r"lastfm: lacks trustnetwork\.txt; put .*LightGCN-PyTorch"):
        LastFm().fingerprint()


@pytest.fixture(scope="module")
def real(recsys_data: Path) -> Events:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_DATA", str(recsys_data))
        return LastFm().load()


def test_the_real_data_has_the_size_of_its_files(real: Events) -> None:
    assert len(real.log) == 52_668
    assert (real.log["user"].n_unique(), real.log["item"].n_unique(), len(real.users)) == (1_880, 4_489, 1_892)
    assert real.users["friends"].list.len().sum() == 25_434


def test_the_real_rows_and_links_are_what_a_plain_reading_gives(real: Events, recsys_data: Path) -> None:
    def fields(name: str) -> list[list[str]]:
        return [line.split("\t") for line in (recsys_data / "lastfm" / name).read_text().splitlines()]

    users, items = real.users["user_id"].to_list(), real.items["item_id"].to_list()
    raw = [
        (int(user), int(item), float(plays), part)
        for name, part in (("data1.txt", 0), ("test1.txt", 2))
        for user, item, plays in fields(name)
    ]
    assert [(users[u], items[i], plays, part) for u, i, plays, part in real.log.iter_rows()] == raw
    friends = defaultdict(list)
    for user, friend in fields("trustnetwork.txt"):
        friends[int(user)].append(friend)
    assert dict(real.users.iter_rows()) == friends
