"""What is said of a folder that only a person can fill; `tests/ops/test_download.py` has the downloads."""

from pathlib import Path

import pytest

from recsys.ops.folders import ByHand, Downloaded
from recsys.types import UserError

LISTS = ByHand("lists", ("a.txt", "b.txt"), "on the author's page")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    return tmp_path


def test_a_missing_folder_says_which_files_to_put_where(home: Path) -> None:
    with pytest.raises(UserError) as error:
        LISTS.path()
    assert str(error.value) == (
        f"{home}/lists: no such folder; put a.txt, b.txt there, which cannot be downloaded for you (they are "
        "on the author's page), or let RECSYS_DATA name the folder that has lists/"
    )


def test_a_missing_file_is_named(home: Path) -> None:
    (home / "lists").mkdir()
    (home / "lists/a.txt").touch()
    with pytest.raises(UserError, match=r"lists: lacks b\.txt; put b\.txt there"):
        LISTS.fingerprint()


def test_a_full_folder_is_marked_by_its_files(home: Path) -> None:
    (home / "lists").mkdir()
    for name in LISTS.files:
        (home / "lists" / name).write_text("1")
    assert LISTS.path() == home / "lists"
    before = LISTS.fingerprint()
    assert before == Downloaded("lists", LISTS.files, "http://127.0.0.1:1/x.zip", "0" * 32).fingerprint()
    (home / "lists/b.txt").write_text("12")
    assert LISTS.fingerprint() != before
