"""A multirun: all checked first, refused ones named, failed ones recorded, one table at the end."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from recsys.commands import main


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "table.csv").open() as file:
        return list(csv.DictReader(file))


def test_a_grid_is_trained_and_tabled_best_first(
    workplace: Path, tiny: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    grid = ["model=mf,deepfm", "sampling=uniform,in_batch", "trainer.max_epochs=1", "hydra.sweep.dir=sweep"]
    assert main(["train", "-m", *tiny, *grid]) == 0
    out = capsys.readouterr().out
    assert "4 combinations: 3 valid, 1 refused" in out
    assert "refused: sampling=in_batch needs" in out
    table = rows(Path("sweep"))
    assert [row["state"] for row in table] == ["finished"] * 3 + ["refused"]
    values = [float(row["ndcg@10"]) for row in table[:3]]
    assert values == sorted(values, reverse=True)
    assert (table[-1]["model"], table[-1]["sampling"]) == ("deepfm", "in_batch")
    made = [json.loads(p.read_text())["prepared"] for p in sorted(Path("sweep").glob("*/status.json"))]
    assert len(made) == 3
    assert made.count("made") <= 1


def test_a_run_in_a_sweep_gives_what_it_gives_alone(workplace: Path, tiny: list[str]) -> None:
    words = [*tiny, "model=mf", "trainer.max_epochs=1"]
    assert main(["train", "-m", *words, "seed=0,1", "hydra.sweep.dir=sweep"]) == 0
    assert main(["train", *words, "seed=1", "hydra.run.dir=alone"]) == 0
    alone, swept = (json.loads(Path(f, "metrics.json").read_text()) for f in ("alone", "sweep/1"))
    assert alone == swept


def test_nothing_valid_is_exit_status_2_and_writes_nothing(
    workplace: Path, tiny: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*tiny, "model=deepfm", "sampling=in_batch", "loss=bce,focal"]
    assert main(["train", "-m", *words]) == 2
    assert "2 combinations: 0 valid, 2 refused" in capsys.readouterr().out
    assert list(workplace.iterdir()) == []


DEADLY = '''
import os, signal
from recsys.loss import Loss
from recsys.loss.bce import BCE

class Deadly(Loss):
    """Dies in its third step, by what it is told to."""
    def __init__(self, *, how: str = "kill") -> None:
        super().__init__()
        self.how, self.steps, self.inner = how, 0, BCE()
    def forward(self, logits, slate):
        self.steps += 1
        if self.steps == 3 and self.how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.steps == 3 and self.how == "raise":
            raise RuntimeError("out of luck")
        return self.inner(logits, slate)
'''


def test_a_run_that_dies_costs_no_other(
    workplace: Path, tiny: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (workplace / "deadly.py").write_text(DEADLY)
    loss = workplace / "conf" / "loss"
    loss.mkdir(parents=True)
    (loss / "deadly.yaml").write_text("# Dies.\n_target_: deadly.Deadly\nhow: kill\n")
    monkeypatch.syspath_prepend(str(workplace))
    monkeypatch.setenv("PYTHONPATH", str(workplace))
    grid = ["loss.how=kill,raise,live", "trainer.max_epochs=2", "hydra.sweep.dir=sweep"]
    words = ["loss=deadly", "--config-dir", "conf", "batch_size=64", *grid]
    assert main(["train", "-m", *tiny, *words]) == 1
    out = capsys.readouterr().out
    states = {row["loss.how"]: (row["state"], row["reason"]) for row in rows(Path("sweep"))}
    assert states["live"][0] == "finished"
    assert states["raise"] == ("failed", "out of luck")
    assert states["kill"][0] == "failed"
    assert f"exit code {-signal.SIGKILL}" in states["kill"][1]
    assert "out of luck" in out
    status = json.loads(Path("sweep/1/status.json").read_text())
    assert "RuntimeError" in status["traceback"]
    assert os.path.exists("sweep/0/status.json")


def test_workers_side_by_side_give_the_same_numbers(workplace: Path, tiny: list[str]) -> None:
    words = [*tiny, "model=mf", "seed=0,1", "trainer.max_epochs=1"]
    assert main(["train", "-m", *words, "workers=2", "hydra.sweep.dir=two"]) == 0
    assert main(["train", "-m", *words, "hydra.sweep.dir=one"]) == 0
    for number in (0, 1):
        first, second = (json.loads(Path(f, str(number), "metrics.json").read_text()) for f in ("one", "two"))
        assert first == second


def test_check_names_what_can_run_and_why_not(
    workplace: Path, tiny: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "-m", *tiny, "model=mf,deepfm", "sampling=uniform,in_batch"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "model=mf sampling=uniform: valid"
    assert out[3].startswith("model=deepfm sampling=in_batch: refused: sampling=in_batch needs")
    assert out[4] == "4 combinations: 3 valid, 1 refused"
    assert main(["check", "model=deepfm", "sampling=in_batch"]) == 2
    assert list(workplace.iterdir()) == []


def test_a_key_that_some_combinations_lack_refuses_those(
    workplace: Path, tiny: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    grid = ["sampling=undersample,uniform", "sampling.negatives=2"]
    assert main(["check", "-m", *tiny, *grid]) == 0
    refused, valid, count = capsys.readouterr().out.splitlines()
    assert refused.startswith("sampling=undersample: refused: sampling.negatives=2: there is no 'negatives' in")
    assert valid == "sampling=uniform: valid"
    assert count == "2 combinations: 1 valid, 1 refused"
    words = [*tiny, "model=popularity", "eval.bootstrap=0", "hydra.sweep.dir=sweep"]
    assert main(["train", "-m", *words, *grid]) == 0
    states = [(row["sampling"], row["state"]) for row in rows(Path("sweep"))]
    assert states == [("uniform", "finished"), ("undersample", "refused")]


def test_a_key_that_every_combination_lacks_is_a_mistake(
    workplace: Path, tiny: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for command in ("check", "train"):
        assert main([command, "-m", *tiny, "loss=bce,focal", "model.dims=2"]) == 2
        output = capsys.readouterr()
        assert output.err == "error: model.dims=2: there is no 'dims' in model; did you mean 'dim'?\n"
        assert output.out == ""
    assert list(workplace.iterdir()) == []


def test_a_killed_sweep_takes_its_workers_with_it(workplace: Path, tiny: list[str]) -> None:
    words = [*tiny, "model=mf", "seed=0,1", "trainer.max_epochs=100000", "~callbacks.early_stopping"]
    command = [sys.executable, "-m", "recsys", "train", "-m", *words, "hydra.sweep.dir=sweep"]
    parent = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=dict(os.environ))
    wait_for(lambda: Path("sweep/0/status.json").exists())
    children = psutil.Process(parent.pid).children(recursive=True)
    parent.kill()
    parent.wait()
    assert children
    wait_for(lambda: not any(child.is_running() for child in children))


def wait_for(condition: Callable[[], bool], seconds: float = 240.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
