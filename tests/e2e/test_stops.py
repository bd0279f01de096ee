"""A run and a sweep that are stopped by a signal: exit status, what is said and what is left on disk."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil
import pytest

ENDLESS = (
    "model=mf",
    "metrics=ranking",
    "eval.bootstrap=0",
    "trainer.max_epochs=100000",
    "~callbacks.early_stopping",
)
LAST = Path("run/checkpoints/last.ckpt")


def wait_for(condition: Callable[[], bool], seconds: float = 240.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def started(*words: str) -> Iterator[subprocess.Popen[str]]:
    """`recsys train` in a process of its own, killed with its children if it is still there at the end.

    What a shell starts in the background ignores Ctrl-C, and so would this when the tests were started so.
    """
    command = [sys.executable, "-m", "recsys", "train", *words]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.default_int_handler),
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def status(folder: str) -> dict[str, str]:
    return json.loads(Path(folder, "status.json").read_text())


def errors_of_a_run_sent(sent: signal.Signals, tiny: list[str]) -> str:
    with started(*tiny, *ENDLESS, "hydra.run.dir=run") as process:
        wait_for(LAST.exists)
        process.send_signal(sent)
        _, errors = process.communicate()
    assert process.returncode == 128 + sent
    return errors


def test_a_run_that_is_sent_sigterm_says_how_to_go_on(workplace: Path, tiny: list[str]) -> None:
    errors = errors_of_a_run_sent(signal.SIGTERM, tiny)
    assert errors == "stopped by SIGTERM\n"
    assert status("run")["state"] == "failed"
    assert status("run")["reason"] == f"stopped by SIGTERM; go on with ckpt_path={LAST}"


def test_sigterm_while_data_is_prepared_leaves_nothing(workplace: Path) -> None:
    with started("data.users=50000", "data.days=60", "cache=cache", "hydra.run.dir=run") as process:
        wait_for(lambda: any(Path("cache").rglob("*.draft")))
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate()
    assert process.returncode == 128 + signal.SIGTERM
    assert errors == "stopped by SIGTERM\n"
    assert not Path("run").exists()
    assert not any(Path("cache").rglob("*.draft"))


def test_ctrl_c_while_training_says_stopped(workplace: Path, tiny: list[str]) -> None:
    errors = errors_of_a_run_sent(signal.SIGINT, tiny)
    assert errors.splitlines()[-1] == "stopped"
    assert "Traceback" not in errors
    assert (status("run")["state"], status("run")["reason"]) == ("failed", "stopped")


@pytest.mark.parametrize("last", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_a_sweep_that_is_stopped_tables_what_is_finished(
    last: signal.Signals, workplace: Path, tiny: list[str]
) -> None:
    """The first job ends; the second's worker is sent SIGTERM; the third is running when all is stopped."""
    grid = ["trainer.max_epochs=1,100000,100001,100002", "hydra.sweep.dir=sweep"]
    words = [word for word in ENDLESS if not word.startswith("trainer.max_epochs=")]
    with started("-m", *tiny, *words, *grid) as process:
        wait_for(Path("sweep/1/checkpoints/last.ckpt").exists)
        (worker,) = [
            child
            for child in psutil.Process(process.pid).children()
            if "spawn_main" in " ".join(child.cmdline())
        ]
        worker.terminate()
        wait_for(Path("sweep/2/checkpoints/last.ckpt").exists)
        if last == signal.SIGINT:  # as a terminal does: to every process of the group
            os.killpg(process.pid, last)
        else:
            process.send_signal(last)
        _, errors = process.communicate()
    assert process.returncode == 128 + last
    assert errors.splitlines()[-1] == {signal.SIGINT: "stopped", signal.SIGTERM: "stopped by SIGTERM"}[last]
    assert "Traceback" not in errors
    with Path("sweep/table.csv").open() as file:
        rows = {row["trainer.max_epochs"]: (row["state"], row["reason"]) for row in csv.DictReader(file)}
    go_on = f"stopped by SIGTERM; go on with ckpt_path={Path('sweep/1/checkpoints/last.ckpt')}"
    assert rows == {
        "1": ("finished", ""),
        "100000": ("failed", go_on),
        "100001": ("failed", "stopped"),
        "100002": ("failed", "stopped"),
    }
    assert Path("sweep/table.md").is_file()
    assert [(status(f"sweep/{n}")["state"], status(f"sweep/{n}").get("reason")) for n in range(3)] == [
        ("finished", None),
        ("failed", go_on),
        ("failed", "stopped"),
    ]
    assert not Path("sweep/3").exists()
    assert not worker.is_running()
