"""Against the counts of the files, and a plain reading of their lines."""

from pathlib import Path

import pytest

from recsys.data.lastfm_friends import LastFmFriends

FILES = {
    "data1.txt": "3\t7\t12\r\n1\t9\t3.2466e+05\r\n5\t9\t1\r\n",
    "test1.txt": "1\t7\t5\r\n",
    "trustnetwork.txt": "1\t4\r\n1\t3\r\n3\t1\r\n",
}


def test_links_go_both_ways_once_and_items_are_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    (tmp_path / "lastfm").mkdir()
    for name, text in FILES.items():
        (tmp_path / "lastfm" / name).write_text(text, newline="")
    events = LastFmFriends().load()
    assert sorted(events.log.select("user", "item").rows()) == [(0, 1), (0, 2), (1, 0), (2, 0)]
    assert events.users.rows() == [(1, ["9", "7"]), (3, ["7"]), (4, []), (5, ["9"])]
    assert events.items.rows() == events.users.rows()
    assert LastFmFriends().gives == {"data.links"}


def test_the_real_links_are_those_of_the_file(recsys_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_DATA", str(recsys_data))
    events = LastFmFriends().load()
    users, items = events.users["user_id"].to_list(), events.items["friend_id"].to_list()
    lines = (recsys_data / "lastfm" / "trustnetwork.txt").read_text().splitlines()
    pairs = {tuple(int(key) for key in line.split("\t")) for line in lines}
    assert {(users[u], items[i]) for u, i in events.log.select("user", "item").iter_rows()} == pairs
    assert len(events.log) == len(pairs) == 2 * 12_717
    assert users == items
    assert len(users) == 1_892
