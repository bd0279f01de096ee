"""W&B runs are really made offline and read back; the CSV file keeps what it has."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from recsys.commands import main
from recsys.train.loggers.csv import CSV
from recsys.train.loggers.wandb import chosen


def summary(run: Path) -> dict[str, float]:
    """The last value of each metric, as W&B's own reader gives it."""
    command = [str(Path(sys.executable).parent / "wandb"), "leet", "inspect", "--summary", "--json", str(run)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["summary"]


def test_each_run_of_a_sweep_is_an_offline_run_of_its_own_with_its_metrics(
    workplace: Path, tiny: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.setenv("HOME", str(workplace))
    words = [*tiny, "model=mf", "seed=0,1", "trainer.max_epochs=1", "logger=[csv,wandb]", "hydra.sweep.dir=s"]
    assert main(["train", "-m", *words]) == 0
    runs = sorted(Path("s").glob("*/wandb/offline-run-*/*.wandb"))
    assert [run.parts[1] for run in runs] == ["0", "1"]
    assert len({run.name for run in runs}) == 2
    for run in runs:
        ours = json.loads((run.parents[2] / "metrics.json").read_text())["test"]
        theirs = summary(run)
        assert theirs["test/ndcg@10"] == pytest.approx(ours["ndcg@10"], abs=1e-6)
    assert not Path("wandb").exists()


def test_without_an_account_and_a_terminal_nothing_is_asked(workplace: Path, tiny: list[str]) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("WANDB")} | {"HOME": str(workplace)}
    words = [*tiny, "model=popularity", "logger=wandb", "hydra.run.dir=run"]
    done = subprocess.run(
        [sys.executable, "-m", "recsys", "train", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "no account is known, so the run is kept offline" in done.stderr
    assert len(list(Path("run/wandb").glob("offline-run-*"))) == 1


def test_the_mode_follows_what_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("WANDB_API_KEY", "WANDB_MODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert chosen("auto") == "offline"
    (tmp_path / ".netrc").write_text("machine api.wandb.ai login user password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    assert chosen("auto") == "online"
    monkeypatch.setenv("WANDB_MODE", "disabled")
    assert chosen("auto") == "disabled"
    assert chosen("offline") == "offline"


def test_the_csv_file_keeps_earlier_rows(tmp_path: Path) -> None:
    for step in (1, 2):
        CSV(tmp_path).log_metrics({"epoch": step - 1, "valid/ndcg@10": step / 10}, step)
    with (tmp_path / "curves.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(r["epoch"], r["step"], r["metric"], r["value"]) for r in rows] == [
        ("0", "1", "valid/ndcg@10", "0.1"),
        ("1", "2", "valid/ndcg@10", "0.2"),
    ]
