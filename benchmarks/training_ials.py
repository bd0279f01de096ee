"""What fitting iALS costs beside implicit, both with conjugate gradients of three steps and two threads.

    benchmarks/peers/install implicit && .venv/bin/python benchmarks/training_ials.py

A million interactions of 50,000 users and 20,000 items drawn by a power law, 64 factors, 15 iterations. Each
side fits three times in a process of its own, which tells its peak of memory. CLOCK=cpu counts processor
seconds of one thread, for a machine that others use too. Prints a Markdown table.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

from recsys.model.ials import IALS
from recsys.ops import statistics as counting
from recsys.types import Schema, TrainRows

USERS, ITEMS, DRAWN, FACTORS, ITERATIONS, ROUNDS = 50_000, 20_000, 1_080_000, 64, 15, 3
CPU = os.environ.get("CLOCK") == "cpu"
CLOCK, THREADS = (time.process_time, 1) if CPU else (time.perf_counter, 2)
PEERS = Path(os.environ.get("RECSYS_PEERS") or Path.home() / ".cache/recsys/peers").expanduser()


def pairs() -> tuple[np.ndarray, np.ndarray]:
    """Distinct users and items, some far more often than others."""
    rng = np.random.default_rng(0)
    user = (rng.random(DRAWN) ** 2 * USERS).astype(np.int64)
    item = (rng.random(DRAWN) ** 3 * ITEMS).astype(np.int64)
    both = np.unique(user * ITEMS + item)
    return both // ITEMS, both % ITEMS


def ours(file: str) -> dict[str, float]:
    """Median seconds of `fit` and the process's peak MB."""
    torch.set_num_threads(THREADS)
    given = np.load(file)
    user, item = torch.from_numpy(given["user"]), torch.from_numpy(given["item"])
    rows, schema = TrainRows(user, item, torch.ones(len(user))), Schema(USERS, ITEMS, ())
    graph, seconds = counting.link(rows, schema), []
    for _ in range(ROUNDS):
        model = IALS(schema, graph, dim=FACTORS, iterations=ITERATIONS, alpha=4.0)
        start = CLOCK()
        model.fit(rows)
        seconds.append(CLOCK() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": statistics.median(seconds), "peak": peak}


def asked(*command: str) -> dict[str, float]:
    """What a child process measured."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(THREADS), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Measure both and print the table."""
    user, item = pairs()
    with TemporaryDirectory() as folder:
        file = str(Path(folder) / "pairs.npz")
        np.savez(file, user=user, item=item, shape=np.array([USERS, ITEMS]))
        script = str(Path(__file__).parent / "peers" / "implicit_training.py")
        own = asked(sys.executable, __file__, file)
        python = str(PEERS / "implicit" / "bin" / "python")
        theirs = asked(python, "-W", "ignore", script, file, str(FACTORS), str(ITERATIONS))
    ratio = own["seconds"] / theirs["seconds"]
    print(f"{len(user):,} interactions\n\n| what | recsys | implicit | ratio |\n| --- | --- | --- | --- |")
    print(f"| iALS, seconds | {own['seconds']:.2f} | {theirs['seconds']:.2f} | {ratio:.2f} (bound 1.50) |")
    print(f"| the same, peak MB | {own['peak']:.0f} | {theirs['peak']:.0f} | |")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(ours(sys.argv[1])))
    else:
        main()
