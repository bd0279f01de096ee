"""Against the counts of the files, and a plain reading of their lines."""

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from recsys.data.steam import Steam
from recsys.types import Events, UserError

FILES = {
    "game_purchase.dat": "User_ID\tGame_ID\tPurchase\n2\t20\t1.0\n1\t10\t1.0\n2\t20\t1.0\n2\t10\t1.0\n",
    "game_play.dat": "User_ID\tGame_ID\tHours\n2\t20\t9.5\n2\t10\t0.1\n",
    "item_info.dat": 'Game_ID\tGame Name\n10\tSam & Max, "Hit" the Road\n20\tSpore\n30\tPortal\n',
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    folder = tmp_path / "steam"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


def test_a_row_is_a_purchase_with_the_hours_played(folder: Path) -> None:
    events = Steam().load()
    assert events.log.columns == ["user", "item", "played", "hours"]
    assert events.log.rows() == [(0, 1, True, 9.5), (1, 0, False, 0.0), (0, 1, False, 0.0), (0, 0, True, 0.1)]
    assert events.users.rows() == [(2,), (1,)]
    assert events.items.rows() == [(10, 'Sam & Max, "Hit" the Road'), (20, "Spore"), (30, "Portal")]
    assert Steam().gives == {"data.played", "data.hours"}


def test_plays_of_a_game_bought_twice_go_to_its_purchases_in_order(folder: Path) -> None:
    (folder / "game_play.dat").write_text("User_ID\tGame_ID\tHours\n2\t20\t1.9\n2\t20\t0.2\n")
    assert Steam().load().log["hours"].to_list() == [1.9, 0.0, 0.2, 0.0]


MISTAKES = [
    ("game_purchase.dat", "User_ID\tGame\n1\t2\n", "game_purchase.dat: there is no column 'Game_ID'"),
    ("game_play.dat", FILES["game_play.dat"] + "2\t10\n", "game_play.dat: line 4 has 2 fields, the first line"),
    (
        "game_play.dat",
        "User_ID\tGame_ID\tHours\n2\t20\tx\n",
        "game_play.dat: line 2, column 'Hours': 'x' is no",
    ),
    (
        "game_play.dat",
        "User_ID\tGame_ID\tHours\n1\t20\t2\n",
        "game_play.dat: user 1 plays game 20 more often than",
    ),
    ("item_info.dat", FILES["item_info.dat"] + "10\tX\n", "item_info.dat: line 5, column 'Game_ID': 10 stands"),
]


@pytest.mark.parametrize(("name", "text", "message"), MISTAKES)
def test_a_broken_file_is_named(name: str, text: str, message: str, folder: Path) -> None:
    (folder / name).write_text(text)
    with pytest.raises(UserError) as error:
        Steam().load()
    assert str(error.value).startswith(f"{folder}/{message}")


def test_a_missing_folder_is_named_with_its_origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    with pytest.raises(
        UserError, match=r"steam: no such folder; put game_purchase\.dat, .* kaggle\.com/tamber"
    ):
        Steam().fingerprint()


@pytest.fixture(scope="module")
def real(recsys_data: Path) -> Events:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_DATA", str(recsys_data))
        return Steam().load()


def test_the_real_data_has_the_size_of_its_files(real: Events) -> None:
    """The publisher's README counts the line of names as a row: 129,512 and 70,490."""
    assert (len(real.log), real.log["played"].sum()) == (129_511, 70_489)
    assert (len(real.users), real.log["item"].n_unique(), len(real.items)) == (12_393, 5_155, 5_155)


def test_the_real_rows_are_what_a_plain_reading_gives(real: Events, recsys_data: Path) -> None:
    def fields(name: str) -> list[list[str]]:
        return [line.split("\t") for line in (recsys_data / "steam" / name).read_text().splitlines()[1:]]

    hours, seen = defaultdict(list), Counter()
    for user, game, played in fields("game_play.dat"):
        hours[user, game].append(float(played))
    raw = []
    for user, game, _ in fields("game_purchase.dat"):
        mine, before = hours[user, game], seen[user, game]
        raw.append((int(user), int(game), mine[before] if before < len(mine) else 0.0))
        seen[user, game] += 1
    users, items = real.users["user_id"].to_list(), real.items["item_id"].to_list()
    assert [(users[u], items[i], played) for u, i, _, played in real.log.iter_rows()] == raw
    assert real.items.rows() == [(int(game), title) for game, title in fields("item_info.dat")]
