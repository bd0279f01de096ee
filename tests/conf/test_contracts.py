"""Each import contract is shown to fail for the violation that it is there for, in a copy of the sources."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOL = Path(sys.executable).parent / "lint-imports"

VIOLATIONS = [
    ("a stage that imports another", "label/click.py", "from recsys.split import Splitter", "Layers"),
    ("a type that imports a stage", "types/slate.py", "from recsys.model import Model", "Layers"),
    ("an operation that imports an axis", "ops/csr.py", "from recsys.loss import Loss", "Layers"),
    (
        "a block that imports an operation's sibling layer",
        "ops/csr.py",
        "from recsys.nn.mlp import MLP",
        "Layers",
    ),
    ("a component that imports the build", "loss/bce.py", "from recsys.build import build", "Layers"),
    ("training that imports the flow", "train/module.py", "from recsys.flow import train", "Layers"),
    ("components that import each other", "loss/bce.py", "from recsys.loss.focal import Focal", "Components"),
    (
        "an interface that imports a component",
        "loss/__init__.py",
        "from recsys.loss.bce import BCE",
        "interface",
    ),
    ("an axis that imports Hydra", "model/mf.py", "import hydra", "neither Hydra"),
    ("an axis that imports OmegaConf", "split/random.py", "from omegaconf import OmegaConf", "neither Hydra"),
    ("an axis that imports Lightning", "loss/bce.py", "import pytorch_lightning", "neither Hydra"),
    ("an axis that imports W&B", "metrics/ranking.py", "import wandb", "neither Hydra"),
    ("a model that imports polars", "model/mf.py", "import polars", "tensors"),
    ("a loss that imports polars", "loss/bce.py", "import polars", "tensors"),
    ("a metric that imports faiss", "metrics/ranking.py", "import faiss", "tensors"),
    ("a cycle of modules", "types/errors.py", "from recsys.types.ranking import Ranking", "cycles"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "recsys", folder / "recsys", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(
        [str(TOOL), "--no-cache"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_the_sources_as_they_stand_keep_every_contract(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"), [v[1:] for v in VIOLATIONS], ids=[v[0] for v in VIOLATIONS]
)
def test_a_violation_is_caught(copy: Path, file: str, line: str, contract: str) -> None:
    target = copy / "recsys" / file
    before = target.read_text()
    try:
        target.write_text(before + f"\n\n{line}\n")
        if "types.ranking" in line:
            other = copy / "recsys/types/ranking.py"
            kept = other.read_text()
            other.write_text(kept + "\n\nfrom recsys.types.errors import UserError\n")
        done = lint(copy)
    finally:
        target.write_text(before)
        if "types.ranking" in line:
            other.write_text(kept)
    assert done.returncode != 0
    broken = [text for text in done.stdout.splitlines() if text.endswith("BROKEN")]
    assert any(contract in text for text in broken), done.stdout


def test_a_new_package_has_to_be_placed(copy: Path) -> None:
    package = copy / "recsys" / "utils"
    package.mkdir()
    try:
        (package / "__init__.py").write_text("")
        done = lint(copy)
    finally:
        shutil.rmtree(package)
    assert done.returncode != 0
    assert "utils" in done.stdout
