"""Fitting on held-out rows is a type error, as pyright sees it."""

import subprocess
import sys
from pathlib import Path

CODE = """
from recsys.model import Model
from recsys.ops import statistics
from recsys.types import Encoded


def right(encoded: Encoded, model: Model) -> None:
    statistics.count(encoded.train, encoded.schema)
    model.fit(encoded.train)


def wrong(encoded: Encoded, model: Model) -> None:
    statistics.count(encoded.valid, encoded.schema)
    statistics.link(encoded.test, encoded.schema)
    model.fit(encoded.test)
"""


def test_what_is_fitted_takes_training_rows_alone(tmp_path: Path) -> None:
    file = tmp_path / "leak.py"
    file.write_text(CODE)
    tool = str(Path(sys.executable).parent / "pyright")
    done = subprocess.run(
        [tool, "--pythonpath", sys.executable, str(file)], capture_output=True, text=True, check=False
    )
    errors = [line for line in done.stdout.splitlines() if " - error: " in line]
    assert [int(line.split(":")[1]) for line in errors] == [13, 14, 15], done.stdout
    assert all("HoldoutRows" in line for line in errors)
