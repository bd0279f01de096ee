"""Against the counts of the files, and a plain reading of their lines."""

from pathlib import Path

import pytest

from recsys.data.retailrocket import RetailRocket
from recsys.types import Events, UserError

HEAD = "visitorid\titemid\tevent\n"
FILES = {
    "view_ecommerce.dat": HEAD + "4\t7\t1\n2\t9\t1\n",
    "add_to_cart_ecommerce.dat": HEAD + "2\t9\t1\n",
    "purchase_ecommerce.dat": HEAD + "2\t9\t1\n5\t8\t1\n",
}
TYPES = {"view": "view_ecommerce", "cart": "add_to_cart_ecommerce", "purchase": "purchase_ecommerce"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    folder = tmp_path / "retailrocket"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


def test_the_three_files_are_one_log_with_event_types(folder: Path) -> None:
    events = RetailRocket().load()
    assert events.log.columns == ["user", "item", "event"]
    views = [(0, 0, "view"), (1, 1, "view")]
    assert events.log.rows() == [*views, (1, 1, "cart"), (1, 1, "purchase"), (2, 2, "purchase")]
    assert events.users["user_id"].to_list() == [4, 2, 5]
    assert events.items["item_id"].to_list() == [7, 9, 8]
    assert RetailRocket().gives == {"data.event"}


MISTAKES = [
    ("view_ecommerce.dat", HEAD + "4\t7\t1\n4\t7\n", "view_ecommerce.dat: line 3 has 2 fields, the first line"),
    ("view_ecommerce.dat", HEAD, "view_ecommerce.dat: the file has no rows"),
    (
        "purchase_ecommerce.dat",
        HEAD + "\t7\t1\n",
        "purchase_ecommerce.dat: line 2, column 'visitorid': the value",
    ),
    ("add_to_cart_ecommerce.dat", "4\t7\t1\n4\t8\t1\n", "add_to_cart_ecommerce.dat: there is no column 'visit"),
]


@pytest.mark.parametrize(("name", "text", "message"), MISTAKES)
def test_a_broken_file_is_named(name: str, text: str, message: str, folder: Path) -> None:
    (folder / name).write_text(text)
    with pytest.raises(UserError) as error:
        RetailRocket().load()
    assert str(error.value).startswith(f"{folder}/{message}")


def test_a_lacking_file_is_named_with_its_origin(folder: Path) -> None:
    (folder / "view_ecommerce.dat").unlink()
    with pytest.raises(
        UserError, match=r"retailrocket: lacks view_ecommerce\.dat; put .*kaggle\.com/retailrocket"
    ):
        RetailRocket().fingerprint()


@pytest.fixture(scope="module")
def real(recsys_data: Path) -> Events:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_DATA", str(recsys_data))
        return RetailRocket().load()


def test_the_real_data_has_the_size_of_its_files(real: Events) -> None:
    """The publisher's README counts the lines of names as rows: 78,372, 9,029 and 5,089."""
    counts = dict(real.log["event"].value_counts().iter_rows())
    assert counts == {"view": 78_371, "cart": 9_028, "purchase": 5_088}
    assert (len(real.users), len(real.items)) == (3_431, 8_885)


def test_the_real_rows_are_what_a_plain_reading_gives(real: Events, recsys_data: Path) -> None:
    users, items = real.users["user_id"].to_list(), real.items["item_id"].to_list()
    raw = []
    for event, name in TYPES.items():
        lines = (recsys_data / f"retailrocket/{name}.dat").read_text().splitlines()[1:]
        raw += [(*map(int, line.split("\t")[:2]), event) for line in lines]
    assert [(users[u], items[i], event) for u, i, event in real.log.iter_rows()] == raw
