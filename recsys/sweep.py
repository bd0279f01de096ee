"""Many runs: all are checked before the first is trained, and one that dies takes no other with it."""

import contextlib
import json
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from recsys import stops
from recsys.build import Parts, build
from recsys.check import check
from recsys.compose import Request, build_config, groups, session
from recsys.report.record import write_json
from recsys.types import Monitor, UserError

STOPPED = {"state": "failed", "reason": "stopped"}
"""Status of a run that a sweep which was stopped did not finish."""


@dataclass(frozen=True)
class Job:
    """One run of a sweep.

    Attributes:
        words: its overrides.
        config: composed; None where it cannot be.
        reason: why it is refused; empty where it can run.
        remarks: what to know of it where it can run.
    """

    number: int
    words: tuple[str, ...]
    config: DictConfig | None
    monitor: Monitor | None
    reason: str
    remarks: tuple[str, ...]


def plan(request: Request, runs: Sequence[Sequence[str]]) -> Iterator[Job]:
    """Compose and check one run after the other.

    Args:
        runs: the overrides of each.

    Raises:
        UserError: no run can be composed; with every reason. Otherwise such a run is refused like others.
    """
    known = groups(request.folders)
    held: list[Job] = []
    problems: dict[str, None] = {}
    possible = False
    with session(request):
        for number, words in enumerate(runs):
            try:
                config = build_config(request, words)
                parts = build(config, known)
                held.append(Job(number, tuple(words), config, parts.monitor, *_checked(parts)))
                possible = True
            except UserError as error:
                held.append(Job(number, tuple(words), None, None, "; ".join(error.problems), ()))
                problems |= dict.fromkeys(error.problems)
            if possible:
                yield from held
                held.clear()
    if held:
        raise UserError(*problems)


def _checked(parts: Parts) -> tuple[str, tuple[str, ...]]:
    """The reason why it is refused, and the remarks where it is not."""
    try:
        return "", check(parts)
    except UserError as error:
        return "; ".join(error.problems), ()


def differing(runs: Sequence[Sequence[str]]) -> list[dict[str, str]]:
    """What distinguishes the overrides of each run from those of the others, by key."""
    split = [dict(word.split("=", 1) for word in words if "=" in word) for words in runs]
    keys = [key for key in split[0] if len({run.get(key) for run in split}) > 1] or list(split[0])
    return [{key.lstrip("+"): run[key] for key in keys} for run in split]


def run_all(
    request: Request, jobs: Sequence[Job], folder: Path, workers: int
) -> Iterator[tuple[Job, dict[str, Any]]]:
    """Run the jobs in processes of their own, yielding each with its status as it ends.

    A worker does one job after the other; one that dies is replaced, and its job is recorded as failed.
    """
    waiting = deque(jobs)
    slots = [_Slot(request, folder, workers) for _ in range(min(workers, len(jobs)))]
    try:
        for slot in slots:
            slot.give(waiting.popleft())
        while any(slot.job for slot in slots):
            busy = {slot.connection: slot for slot in slots if slot.job}
            for ready in wait(list(busy)):
                slot = busy[ready]  # type: ignore[index]
                job, status = slot.take()
                yield job, status
                if waiting:
                    slot.give(waiting.popleft())
    finally:
        for slot in slots:
            slot.stop()


class _Slot:
    """One worker process and the job that it has."""

    def __init__(self, request: Request, folder: Path, workers: int) -> None:
        self.arguments = (request, folder, _threads(workers))
        self.job: Job | None = None
        self.start()

    def start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        # A daemon could not have the processes of trainer=ddp; the worker itself sees to dying with its parent.
        self.process: BaseProcess = context.Process(target=_work, args=(theirs, *self.arguments), daemon=False)
        self.process.start()
        theirs.close()

    def give(self, job: Job) -> None:
        self.job = job
        with contextlib.suppress(BrokenPipeError):
            self.connection.send((job.number, job.words))

    def take(self) -> tuple[Job, dict[str, Any]]:
        assert self.job is not None
        job, self.job = self.job, None
        try:
            return job, self.connection.recv()
        except (EOFError, ConnectionResetError):
            self.process.join()
            code = self.process.exitcode
            status = self.record(job, f"the process died with exit code {code}{_hint(code)}")
            self.start()
            return job, status

    def stop(self) -> None:
        self.connection.close()
        self.process.join(timeout=2 if self.job is None else 0)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        if self.job is not None:
            self.record(self.job, STOPPED["reason"])

    def record(self, job: Job, reason: str) -> dict[str, Any]:
        """Write that the job failed; its process is no more."""
        status = {"state": "failed", "reason": reason}
        write_json(self.arguments[1] / str(job.number) / "status.json", {**status, "overrides": job.words})
        return status


def _hint(code: int | None) -> str:
    hints = {-signal.SIGKILL: ", killed from outside; out of memory?", -signal.SIGTERM: ", stopped by SIGTERM"}
    return hints.get(code or 0, "")


def _threads(workers: int) -> int:
    """Each worker's share of the cores; OMP_NUM_THREADS, where it is set, is the most."""
    share = max(1, (os.cpu_count() or 1) // workers)
    most = os.environ.get("OMP_NUM_THREADS", "")
    return min(share, int(most)) if most.isdecimal() and int(most) else share


def _work(connection: Connection, request: Request, folder: Path, n_threads: int) -> None:
    """A worker's life: receive a job, run it, send its status."""
    # Ctrl-C goes to every process of a terminal; the sweep answers it. SIG_IGN would pass on to children.
    signal.signal(signal.SIGINT, lambda *_: None)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    from recsys.run import threads

    threads(n_threads)
    with session(request):
        while True:
            try:
                number, words = connection.recv()
            except EOFError:
                return
            connection.send(_run_one(request, folder / str(number), words))


def _die_with_parent() -> None:
    """A sweep that was killed must not go on in its workers."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _run_one(request: Request, folder: Path, words: Sequence[str]) -> dict[str, Any]:
    from recsys.run import execute

    start = time.perf_counter()
    lines: list[str] = []
    try:
        config = build_config(request, words)
        with open(os.devnull, "w") as sink, contextlib.redirect_stdout(sink):
            status = execute(config, groups(request.folders), folder, words, lines.append)
    except (Exception, SystemExit) as error:
        status = {"state": "failed", "reason": stops.reason(error, folder), "overrides": list(words)}
        if not isinstance(error, (UserError, SystemExit)):
            status["traceback"] = traceback.format_exc()
        write_json(folder / "status.json", status)
    status.pop("outcome", None)
    return json.loads(json.dumps({**status, "elapsed": time.perf_counter() - start, "said": lines}))
