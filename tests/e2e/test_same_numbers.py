"""Same inputs, same numbers: repeated, killed and resumed, alone or in a sweep."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from recsys.commands import main

EPOCHS = 12


def metrics(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "metrics.json").read_text())


def train(folder: str, *words: str) -> Path:
    assert main(["train", *words, f"hydra.run.dir={folder}"]) == 0
    return Path(folder)


@pytest.mark.parametrize(
    "words",
    [
        ["model=two_tower", "model.dropout=0.2"],
        ["model=graphsage", "sampling=popularity"],
        ["model=mf", "sampling=in_batch", "loss=sampled_softmax"],
        ["model=deepfm", "sampling=none", "loss=focal"],
    ],
    ids=lambda words: words[0],
)
def test_the_same_command_twice_gives_the_same_metrics(
    words: list[str], workplace: Path, tiny: list[str]
) -> None:
    first, second = (train(name, *tiny, *words, "trainer.max_epochs=2") for name in ("a", "b"))
    assert metrics(first) == metrics(second)
    assert (first / "users.parquet").read_bytes() == (second / "users.parquet").read_bytes()


def test_another_seed_gives_other_metrics(workplace: Path, tiny: list[str]) -> None:
    first, second = (train(f"s{seed}", *tiny, f"seed={seed}", "trainer.max_epochs=2") for seed in (0, 1))
    assert metrics(first) != metrics(second)


def test_a_killed_run_goes_on_to_the_same_metrics(workplace: Path, tiny: list[str]) -> None:
    words = [*tiny, "model.dropout=0.1", f"trainer.max_epochs={EPOCHS}", "callbacks.early_stopping.patience=8"]
    alone = train("alone", *words)
    command = [sys.executable, "-m", "recsys", "train", *words, "hydra.run.dir=killed"]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ)
    )
    last = Path("killed/checkpoints/last.ckpt")
    deadline = time.monotonic() + 120
    while not last.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not Path("killed/metrics.json").exists()
    assert main(["train", f"ckpt_path={last}"]) == 0
    assert metrics(Path("killed")) == metrics(alone)


def test_a_run_is_resumed_only_with_its_own_config(
    workplace: Path, tiny: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = train("run", *tiny, "trainer.max_epochs=1")
    before = metrics(folder)
    last = folder / "checkpoints" / "last.ckpt"
    assert main(["train", f"ckpt_path={last}", "optimizer.lr=0.5"]) == 2
    error = capsys.readouterr().err
    assert "optimizer.lr: the checkpoint was made with 0.001, now it is 0.5" in error
    assert main(["train", f"ckpt_path={last}", "trainer.max_epochs=2", "hydra.run.dir=other"]) == 2
    assert f"hydra.run.dir=other: a run goes on in its own folder, {folder}" in capsys.readouterr().err
    assert not Path("other").exists()
    assert metrics(folder) == before
    assert main(["train", f"ckpt_path={last}", "trainer.max_epochs=2"]) == 0


def test_a_folder_with_a_run_is_left_alone(
    workplace: Path, tiny: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = train("run", *tiny, "model=popularity")
    before = (folder / "metrics.json").stat().st_mtime_ns
    assert main(["train", *tiny, "hydra.run.dir=run"]) == 2
    assert "already holds a run" in capsys.readouterr().err
    assert (folder / "metrics.json").stat().st_mtime_ns == before


def test_a_checkpoint_carries_config_and_vocabularies_and_loads_without_code(
    workplace: Path, tiny: list[str]
) -> None:
    import torch

    folder = train("run", *tiny, "trainer.max_epochs=1")
    passport = torch.load(folder / "checkpoints" / "best.ckpt", weights_only=True)["recsys"]
    assert passport["config"]["model"]["_target_"] == "recsys.model.two_tower.TwoTower"
    assert len(passport["keys"]["item"]) == 60
    assert "user.country" in passport["states"]


def test_a_run_does_not_go_on_with_other_ids(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"u{(7 * n) % 30},i{(5 * n + n // 20) % 25},{n}" for n in range(400)]
    columns = "data.columns={user:{user:id},item:{item:id},context:{at:time}}"
    words = ["train", "data=table", "data.events=log.csv", columns, "label=all_positive", "model=mf"]
    words += ["eval.bootstrap=0", "metrics=ranking"]
    (workplace / "log.csv").write_text("\n".join(["user,item,at", *rows]))
    assert main([*words, "trainer.max_epochs=1", "hydra.run.dir=run"]) == 0
    status = Path("run/status.json").read_text()
    (workplace / "log.csv").write_text("\n".join(["user,item,at", *reversed(rows)]))
    capsys.readouterr()
    assert main(["train", "ckpt_path=run/checkpoints/last.ckpt", "trainer.max_epochs=2"]) == 2
    assert "last.ckpt: the data has other users now than in training" in capsys.readouterr().err
    assert Path("run/status.json").read_text() == status


def test_a_column_may_have_any_name(workplace: Path) -> None:
    rows = [f"u{(7 * n) % 30},i{(5 * n + n // 20) % 25},{n},{'xy'[n % 2]}" for n in range(400)]
    (workplace / "log.csv").write_text("\n".join(["user,item,at,a/b", *rows]))
    columns = "data.columns={user:{user:id},item:{item:id},context:{at:time,a/b:category}}"
    words = ["data=table", "data.events=log.csv", columns, "label=all_positive", "model=deepfm", "loss=bpr"]
    words += ["eval.bootstrap=0", "metrics=ranking", "trainer.max_epochs=1", "sampling=uniform"]
    assert "ndcg@10" in metrics(train("run", *words))["test"]
