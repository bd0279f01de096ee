"""A run and a sweep that are stopped by a signal: exit status, what is said and what is left on disk."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

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
    """`recsys train` in a process of its own, killed with its children if it is still there at the end."""
    command = [sys.executable, "-m", "recsys", "train", *words]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def status(folder: str) -> dict[str, str]:
    return json.loads(Path(folder, "status.json").read_text())


def test_a_run_that_is_sent_sigterm_says_how_to_go_on(workplace: Path, tiny: list[str]) -> None:
    with started(*tiny, *ENDLESS, "hydra.run.dir=run") as process:
        wait_for(LAST.exists)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate()
    assert process.returncode == 128 + signal.SIGTERM
    assert errors == "stopped by SIGTERM\n"
    assert status("run")["state"] == "failed"
    assert status("run")["reason"] == f"stopped by SIGTERM; go on with ckpt_path={LAST}"


def test_ctrl_c_while_training_says_stopped(workplace: Path, tiny: list[str]) -> None:
    with started(*tiny, *ENDLESS, "hydra.run.dir=run") as process:
        wait_for(LAST.exists)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert process.returncode == 128 + signal.SIGINT
    assert errors.splitlines()[-1] == "stopped"
    assert "Traceback" not in errors
    assert (status("run")["state"], status("run")["reason"]) == ("failed", "stopped")
