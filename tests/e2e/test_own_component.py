"""docs/adding_a_component.md as a person would follow it: its files and commands as they stand."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "adding_a_component.md"


@pytest.fixture
def mine(workplace: Path) -> Path:
    """The guide's two files, in the current folder."""
    text = GUIDE.read_text()
    (python,) = re.findall(r"```python\n(.*?)```", text, re.S)
    (yaml,) = re.findall(r"```yaml\n(.*?)```", text, re.S)
    for name, content in (
        ("mine/brier.py", python),
        ("mine/__init__.py", ""),
        ("my_conf/loss/brier.yaml", yaml),
    ):
        file = workplace / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return workplace


def recsys(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "recsys", *words], capture_output=True, text=True, check=False)


def test_a_loss_of_ones_own_trains_is_listed_and_checked(mine: Path, tiny: list[str]) -> None:
    done = recsys("train", "loss=brier", "--config-dir", "my_conf", *tiny, "trainer.max_epochs=1")
    assert done.returncode == 0, done.stderr
    assert "ndcg@10" in done.stdout
    listed = recsys("list", "loss", "--config-dir", "my_conf")
    assert "brier" in listed.stdout
    assert "Brier score: squared error of the probability." in listed.stdout
    refused = recsys("train", "loss=brier", "loss.margin=-1", "--config-dir", "my_conf")
    assert refused.returncode == 2
    assert "loss.margin=-1" in refused.stderr


def test_changing_the_code_of_ones_own_loss_needs_no_new_preparation(mine: Path, tiny: list[str]) -> None:
    words = ["train", "loss=brier", "--config-dir", "my_conf", *tiny, "trainer.max_epochs=1"]
    assert recsys(*words).returncode == 0
    assert "taken from the cache" in recsys(*words).stdout
