"""Against the counts of the files, the ranges of their features, and a plain reading of libfm lines."""

import gzip
from pathlib import Path

import pytest

from recsys.data.frappe_x1 import FrappeX1
from recsys.types import Events, UserError

FIELDS = ["daytime", "weekday", "isweekend", "homework", "cost", "weather", "country", "city"]
REST = " ".join(f"{n}:1" for n in range(20, 28))
FILES = {
    "frappe.train.libfm": f"1 5:1 9:1 {REST}\n-1 5:1 8:1 {REST}\n",
    "frappe.validation.libfm": f"-1 4:1 9:1 {REST}\n",
    "frappe.test.libfm": f"1 4:1 8:1 {REST}\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    folder = tmp_path / "frappe-x1"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


def test_features_labels_and_parts_are_read(folder: Path) -> None:
    events = FrappeX1().load()
    assert events.log.columns == ["user", "item", *FIELDS, "click", "part"]
    rest = tuple(str(n) for n in range(20, 28))
    keys = [(0, 0, True, 0), (0, 1, False, 0), (1, 0, False, 1), (1, 1, True, 2)]
    assert events.log.rows() == [(u, i, *rest, click, part) for u, i, click, part in keys]
    assert events.users.rows() == [(5,), (4,)]
    assert events.items.rows() == [(9,), (8,)]
    assert events.impressions
    assert FrappeX1().gives == {"data.part", "data.click"}


def test_packed_and_regenerated_files_are_found(folder: Path) -> None:
    before = FrappeX1().load()
    for name in FILES:
        packed = name.replace("train", "train.REGENERATED") + ".gz"
        (folder / packed).write_bytes(gzip.compress((folder / name).read_bytes()))
        (folder / name).unlink()
    assert FrappeX1().load().log.equals(before.log)
    assert "frappe.train.REGENERATED.libfm.gz" in FrappeX1().fingerprint()


MISTAKES = [
    ("frappe.train.libfm", f"1 5:1 9:1 {REST}\n1 5:1 9:1\n", "frappe.train.libfm: line 2 has 3 fields, 11 are"),
    ("frappe.test.libfm", f"2 5:1 9:1 {REST}\n", "frappe.test.libfm: line 1, column 'label': '2' is no label"),
    (
        "frappe.test.libfm",
        f"1 5:2 9:1 {REST}\n",
        "frappe.test.libfm: line 1, column 'user_id': '5:2' is no feature",
    ),
    (
        "frappe.validation.libfm",
        f"1 5:1 x {REST}\n",
        "frappe.validation.libfm: line 1, column 'item_id': 'x' is no",
    ),
    ("frappe.train.libfm", "", "frappe.train.libfm: the file is empty"),
]


@pytest.mark.parametrize(("name", "text", "message"), MISTAKES)
def test_a_broken_file_is_named(name: str, text: str, message: str, folder: Path) -> None:
    (folder / name).write_text(text)
    with pytest.raises(UserError) as error:
        FrappeX1().load()
    assert str(error.value).startswith(f"{folder}/{message}")


def test_a_lacking_file_is_named_with_its_origin(folder: Path) -> None:
    (folder / "frappe.train.libfm").unlink()
    with pytest.raises(UserError, match=r"frappe-x1: lacks frappe\.train\.libfm; put .*hexiangnan"):
        FrappeX1().fingerprint()


@pytest.fixture(scope="module")
def real(recsys_data: Path) -> Events:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECSYS_DATA", str(recsys_data))
        return FrappeX1().load()


def test_the_real_data_has_the_size_of_its_files(real: Events) -> None:
    assert real.log["part"].value_counts(sort=True).rows() == [(0, 202_005), (1, 57_722), (2, 28_860)]
    assert (len(real.users), len(real.items)) == (957, 4_082)


def test_the_real_fields_have_the_5382_features_between_them(real: Events) -> None:
    """As many as Frappe has by He and Chua 2017, Table 1."""
    log = real.log
    assert len(real.users) + len(real.items) + sum(log[name].n_unique() for name in FIELDS) == 5_382


def test_the_real_rows_are_what_a_plain_reading_gives(real: Events, recsys_data: Path) -> None:
    raw = []
    for name in ("train.REGENERATED", "validation", "test"):
        with gzip.open(recsys_data / f"frappe-x1/frappe.{name}.libfm.gz", "rt") as handle:
            raw += [line.replace(":1", "").split() for line in handle]
    users, items = real.users["user_id"].to_list(), real.items["item_id"].to_list()
    assert len(raw) == len(real.log)
    for place in range(0, len(raw), 97):
        user, item, *context, click, _ = real.log.row(place)
        label = "1" if click else "-1"
        assert [label, str(users[user]), str(items[item]), *context] == raw[place]
