"""Views of a config import nothing heavy."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "pytorch_lightning", "polars", "wandb", "faiss", "numpy", "pydantic", "rich")
CODE = """
import sys
from recsys.commands import main
status = main(sys.argv[1:])
print([name for name in {heavy} if name in sys.modules], file=sys.stderr)
sys.exit(status)
"""


@pytest.mark.parametrize(
    "words",
    [["train", "--cfg", "job"], ["train", "--help"], ["list"], ["list", "loss"], []],
    ids=lambda words: " ".join(words) or "overview",
)
def test_a_view_imports_nothing_heavy(words: list[str], workplace: Path) -> None:
    code = CODE.format(heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "[]"
    assert done.stdout
    assert list(workplace.iterdir()) == []


def test_cfg_shows_what_would_run(workplace: Path) -> None:
    words = ["train", "model=mf", "model.dim=7", "--cfg", "job"]
    done = subprocess.run([sys.executable, "-m", "recsys", *words], capture_output=True, text=True, check=True)
    assert "_target_: recsys.model.mf.MF\n  dim: 7\n" in done.stdout


def test_cfg_refuses_a_typo(workplace: Path) -> None:
    words = ["train", "loss=focall", "--cfg", "job"]
    done = subprocess.run([sys.executable, "-m", "recsys", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "did you mean 'focal'?" in done.stderr


def test_a_reader_who_has_enough_ends_a_command_quietly() -> None:
    command = f"{sys.executable} -u -m recsys list | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
