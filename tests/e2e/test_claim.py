"""No two processes write into one folder, and a mistake leaves none behind."""

import subprocess
import sys
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest

from recsys import claim, flow
from recsys.commands import main
from recsys.types import UserError


def left(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_each_gets_a_folder_of_its_own(tmp_path: Path) -> None:
    names = [tmp_path / "runs" / "now", tmp_path / "runs" / "now-2", tmp_path / "runs" / "now-3"]
    assert list(islice(claim.numbered(names[0]), 3)) == names
    with claim.new(names, "key") as first, claim.new(names, "key") as second:
        assert [first, second] == names[:2]
        (second / "status.json").touch()
    assert left(tmp_path) == ["runs", "runs/now-2", "runs/now-2/status.json"]


def test_a_folder_that_was_asked_for_is_had_by_one(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    said = f"key={folder}: another process writes into it; wait for its end, or choose another folder"
    with claim.asked(folder, "key"):
        for ask in (claim.asked, claim.again):
            with pytest.raises(UserError, match=said), ask(folder, "key"):
                pass
    assert left(tmp_path) == []
    with claim.asked(folder, "key"):
        (folder / "status.json").touch()
    with pytest.raises(UserError, match="already holds a run"), claim.asked(folder, "key"):
        pass
    with claim.again(folder, "key"):
        pass
    assert left(tmp_path) == ["mine", "mine/status.json"]


def test_a_folder_that_was_there_stays(tmp_path: Path) -> None:
    with claim.asked(tmp_path, "key"):
        pass
    assert tmp_path.is_dir()
    assert left(tmp_path) == []


def test_another_process_holds_until_it_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom recsys import claim\n"
        "with claim.asked(Path(sys.argv[1]), 'key'):\n    print('held', flush=True)\n    time.sleep(600)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(UserError, match="another process writes into it"), claim.asked(tmp_path, "key"):
            pass
        process.kill()
        process.wait()
    with claim.asked(tmp_path, "key"):
        pass


@pytest.mark.parametrize("folder", ["file", "file/inside", "/proc/nobody/can"])
def test_a_folder_that_cannot_be_is_named_with_its_key(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").touch()
    said = f"key={tmp_path / folder}: nothing can be written there"
    with pytest.raises(UserError, match=said), claim.asked(tmp_path / folder, "key"):
        pass
    inside = (tmp_path / folder / str(number) for number in count(1))
    with pytest.raises(UserError, match="nothing can be written there"), claim.new(inside, "key"):
        pass
    assert left(tmp_path) == ["file"]


def test_runs_that_are_started_together_write_side_by_side(
    workplace: Path, tiny: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second starts while the first prepares its data, both with the name that a config gives them."""
    study = workplace / "conf" / "study"
    study.mkdir(parents=True)
    (study / "same.yaml").write_text("# @package _global_\nhydra:\n  run:\n    dir: runs/same\n")
    words = ["train", *tiny, "model=popularity", "eval.bootstrap=0", "+study=same", "--config-dir", "conf"]
    prepare, ends = flow.prepare, []

    def prepared(parts: Any) -> flow.Prepared:
        if not ends:
            ends.append(None)
            ends.append(main(words))
        return prepare(parts)

    monkeypatch.setattr(flow, "prepare", prepared)
    assert main(words) == 0
    assert ends == [None, 0]
    assert [Path(f"runs/{name}/status.json").is_file() for name in ("same", "same-2")] == [True, True]
