"""What evaluation costs over the same arithmetic in bare torch, and beside RecBole and ranx.

    benchmarks/peers/install recbole ranx && .venv/bin/python benchmarks/evaluation.py

Two threads. The whole catalogue: 10,000 users, 50,000 items, 64 factors, top 100, 50 seen items a user removed,
10 relevant ones; every measurement is in a process of its own, so that its peak of memory is its own. RecBole
ranks with the same factors, once at its default eval_batch_size and once at one that makes blocks as large as
ours. Ready lists: 50,000 top-100 lists; ranx gets its own typed lists, and its first call, which compiles, is
not counted. DeepFM: all pairs of 1,000 users and 10,000 items. On a machine that others use too, CLOCK=cpu
counts processor seconds of one thread instead of the wall clock of two. Prints a Markdown table.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from evaluation_sides import DEEP, Deep, World, deep_world, framework, framework_lists, world
from torch import Tensor

from recsys.ops import csr
from recsys.train.measure import block_of
from recsys.types import Slate

USERS, MORE, LISTS, ROUNDS = 10_000, 100_000, 50_000, 3
CPU = os.environ.get("CLOCK") == "cpu"
CLOCK = time.process_time if CPU else time.perf_counter
THREADS = 1 if CPU else 2
PEERS = Path(os.environ.get("RECSYS_PEERS") or Path.home() / ".cache/recsys/peers").expanduser()
Result = dict[str, float]


def blocks(size: int, count: int) -> Iterator[tuple[int, int]]:
    """Where each block starts and stops."""
    return ((start, min(start + size, count)) for start in range(0, count, size))


def bare(given: World) -> Tensor:
    """Blocked matrix products, seen items struck out, top 100."""
    best = []
    for start, stop in blocks(block_of(given.model, len(given.items)), len(given.users)):
        seen = csr.part(given.queries.seen, start, stop)
        scores = given.users[start:stop] @ given.items.T
        scores[csr.rows_of(seen), seen.idx] = -torch.inf
        best.append(scores.topk(100).indices)
    return torch.cat(best)


def bare_deep(given: Deep) -> float:
    """The model's forward over all pairs, in blocks as large as the evaluation's."""
    items, total = torch.arange(DEEP[1]), 0.0
    for start, stop in blocks(block_of(given.model, DEEP[1]), DEEP[0]):
        blank = torch.zeros(1, 1).expand(stop - start, DEEP[1])
        total += float(given.model(Slate(torch.arange(start, stop), items, blank, blank > 0)).sum())
    return total


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    start = CLOCK()
    work()
    return CLOCK() - start


def race(ours: Callable[[], object], other: Callable[[], object]) -> Result:
    """Medians of both, which take turns, and of the ratio of each round."""
    ours(), other()
    rounds = [(timed(ours), timed(other)) for _ in range(ROUNDS)]
    mine, theirs = zip(*rounds, strict=True)
    ratio = statistics.median(m / t for m, t in rounds)
    return {"ours": statistics.median(mine), "bare": statistics.median(theirs), "ratio": ratio}


def peak_of(work: Callable[[], object]) -> Result:
    """Seconds, and the process's largest memory in MB before and after."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = timed(work)
    return {
        "seconds": seconds,
        "before": before,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


@torch.no_grad()
def child(task: str, users: int) -> Result:
    """One measurement."""
    torch.set_num_threads(THREADS)
    if task == "deepfm":
        given = deep_world()
        return race(lambda: framework(given), lambda: bare_deep(given))
    if task == "lists":
        lists, held = ready_lists()
        framework_lists(lists, held)
        return {
            "seconds": statistics.median(timed(lambda: framework_lists(lists, held)) for _ in range(ROUNDS))
        }
    made = world(users)
    if task == "race":
        return race(lambda: framework(made), lambda: bare(made))
    values: dict[str, float] = {}
    return peak_of(lambda: values.update(framework(made))) | values


def ready_lists() -> tuple[Tensor, Tensor]:
    """Lists of 100 items and 20 relevant items of each of the users, some of them listed."""
    generator = torch.Generator().manual_seed(1)
    first = torch.randint(1000, (LISTS, 1), generator=generator)
    lists = (first + torch.arange(100) * 7) % 1000
    shift = torch.randint(1000, (LISTS, 1), generator=generator)
    return lists, ((shift + torch.arange(20) * 11) % 1000).sort(1).values


def asked(*command: str) -> Result:
    """What a child process measured."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(THREADS), "NUMBA_NUM_THREADS": str(THREADS)}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def own(task: str, users: int = USERS) -> Result:
    """One of our measurements."""
    return asked(sys.executable, __file__, task, str(users))


def peer(name: str, *arguments: str) -> Result:
    """One of a peer's measurements."""
    script = Path(__file__).parent / "peers" / f"{name}_evaluation.py"
    return asked(str(PEERS / name / "bin/python"), "-W", "ignore", str(script), *arguments)


def catalogue(folder: Path) -> None:
    """The rows of the whole catalogue."""
    made = world(USERS)
    arrays = {"users": made.users, "items": made.items, "seen": made.seen, "held": made.held}
    np.savez(folder / "world.npz", **{name: values.numpy() for name, values in arrays.items()})
    raced, one, more = own("race"), own("peak"), own("peak", MORE)
    line(
        "full catalogue, seconds",
        raced["ours"],
        "bare torch loop",
        raced["bare"],
        f"{raced['ratio']:.2f} (bound 1.30)",
    )
    for size in ("4096", str(2**22)):
        theirs = peer("recbole", str(folder / "world.npz"), size)
        assert abs(theirs["ndcg@100"] - one["ndcg@100"]) < 1e-5, (theirs, one)
        faster = f"{theirs['seconds'] / one['seconds']:.1f} times faster, same ndcg@100"
        line(
            "full catalogue, seconds",
            one["seconds"],
            f"RecBole, eval_batch_size {size}",
            theirs["seconds"],
            faster,
        )
        line(
            "the same, peak MB", one["peak"], f"RecBole, eval_batch_size {size}", theirs["peak"], "bound 1,500"
        )
    grown = (
        f"{more['peak'] - more['before']:.0f} beside {one['peak'] - one['before']:.0f} MB over the loaded data"
    )
    line(f"{MORE:,} users, peak MB", more["peak"], f"{USERS:,} users", one["peak"], grown)


def line(what: str, ours: float, beside: str, theirs: float, remark: str) -> None:
    """A row of the table."""
    print(f"| {what} | {ours:,.2f} | {beside} | {theirs:,.2f} | {remark} |", flush=True)


def main() -> None:
    """Measure everything and print the table."""
    print("| what | recsys | beside | theirs | ratio |\n| --- | --- | --- | --- | --- |", flush=True)
    with TemporaryDirectory() as name:
        folder = Path(name)
        catalogue(folder)
        lists, held = ready_lists()
        np.savez(folder / "lists.npz", lists=lists.numpy(), held=held.numpy())
        ours, theirs = own("lists"), peer("ranx", str(folder / "lists.npz"))
        faster = f"{theirs['seconds'] / ours['seconds']:.1f} times faster"
        line(
            f"{LISTS:,} ready lists, seconds",
            ours["seconds"],
            "ranx.evaluate, compiled",
            theirs["seconds"],
            faster,
        )
    raced = own("deepfm")
    line(
        "DeepFM, all pairs, seconds",
        raced["ours"],
        "the model's forward",
        raced["bare"],
        f"{raced['ratio']:.2f}",
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(child(sys.argv[1], int(sys.argv[2]))))
    else:
        main()
