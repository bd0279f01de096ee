"""The store is whole or not at all, and made once, whoever asks."""

import multiprocessing
import os
import time
from pathlib import Path

import pytest

from recsys.ops import store


def test_a_key_is_made_once(tmp_path: Path) -> None:
    made = []

    def make(folder: Path) -> None:
        made.append(folder)
        (folder / "a").write_text("x")

    first, new = store.obtain(tmp_path, "key", make)
    second, again = store.obtain(tmp_path, "key", make)
    assert (new, again, len(made)) == (True, False, 1)
    assert first == second
    assert (first / "a").read_text() == "x"


def test_a_failure_leaves_nothing_and_the_next_try_succeeds(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_text("x")
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        store.obtain(tmp_path, "key", fail)
    assert [p.name for p in tmp_path.iterdir() if not p.name.endswith(".lock")] == []
    assert store.obtain(tmp_path, "key", lambda folder: None)[1]


def test_a_folder_that_cannot_be_written_is_told_apart_from_a_failure(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.symlink_to("/proc/self")  # root, too, can make nothing there.
    with pytest.raises(store.UnwritableError):
        store.obtain(folder, "key", lambda folder: None)
    assert store.obtain(folder, "fd", lambda folder: None) == (folder / "fd", False)


def _slow(folder: Path) -> None:
    time.sleep(0.3)
    (folder / str(os.getpid())).touch()


def _ask(folder: Path) -> None:
    store.obtain(folder, "key", _slow)


def test_processes_side_by_side_make_it_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_ask, args=(tmp_path,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert len(list((tmp_path / "key").iterdir())) == 1


def test_digests_tell_lists_of_texts_apart() -> None:
    assert store.digest(["ab", "c"]) != store.digest(["a", "bc"])
    assert store.digest(["a"]) == store.digest(["a"])
