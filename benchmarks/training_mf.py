"""Training steps of matrix factorisation with BPR against RecBole's, same pairs, batch and size.

    benchmarks/peers/install recbole && .venv/bin/python benchmarks/training_mf.py

A million pairs of 50,000 users and 20,000 items, batches of 2,048, vectors of 64, one negative. The first STEPS
of an epoch of 489 are timed, each side in its process, in turns. RecBole updates all rows of its tables by Adam
at each step; so does our optimizer=adam, while optimizer=sparse_adam updates the rows that the step has read.
CLOCK=cpu with OMP_NUM_THREADS=1 counts processor seconds of one thread, for a machine that others use too.
Prints a Markdown table: medians of the rounds, and the highest peak memory of the whole process.
"""

import json
import logging
import os
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import nn
from training_lightgcn import HERE, PEERS, dense, fit, run, world

from recsys.model.mf import MF
from recsys.train.groups import groups
from recsys.train.optimizers import make_sparse
from recsys.train.optimizers.sparse_adam import SparseAdam

USERS, ITEMS, PAIRS, BATCH = 50_000, 20_000, 1_000_000, 2048
STEPS, ROUNDS = 200, 3


def pairs() -> tuple[np.ndarray, np.ndarray]:
    """Pairs of a skewed catalogue; every user and item has one."""
    rng = np.random.default_rng(0)
    every = np.arange(USERS) * ITEMS + np.arange(USERS) % ITEMS
    drawn = rng.integers(USERS, size=2 * PAIRS) * ITEMS + (rng.random(2 * PAIRS) ** 2 * ITEMS).astype(np.int64)
    more = rng.permutation(np.setdiff1d(drawn, every))[: PAIRS - USERS]
    keys = rng.permutation(np.concatenate([every, more]))
    return keys // ITEMS, keys % ITEMS


def sparse(module: nn.Module) -> torch.optim.Optimizer:
    """Adam over the rows that a step has read."""
    return SparseAdam(groups(module, None, apart=True), lr=1e-3)


def ours(file: str, steps: int, name: str) -> dict[str, float]:
    """Of matrix factorisation without biases, as RecBole's is."""
    encoded = world(file, USERS, ITEMS)
    model = MF(encoded.schema, dim=64, bias=False)
    if name == "sparse":
        make_sparse(model)
    return fit(encoded, model, steps, sparse if name == "sparse" else dense)


def main() -> None:
    """Let all take turns, and print the table."""
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    with TemporaryDirectory() as folder:
        file = str(Path(folder) / "world.npz")
        user, item = pairs()
        np.savez(file, user=user, item=item, batch=BATCH)
        mine = (sys.executable, str(HERE / "training_mf.py"), file, str(STEPS))
        theirs = (
            PEERS / "recbole/bin/python",
            str(HERE / "peers/recbole_training.py"),
            file,
            str(STEPS),
            "BPR",
        )
        sides = {
            "recsys, optimizer=adam": (*mine, "dense"),
            "recsys, optimizer=sparse_adam": (*mine, "sparse"),
            "RecBole 1.2.1": theirs,
        }
        rounds = [{name: run(*words) for name, words in sides.items()} for _ in range(ROUNDS)]
    print("| MF with BPR | interactions a second (median) | over RecBole | peak memory, MB |")
    print("| --- | --- | --- | --- |")
    for name in sides:
        seconds = statistics.median(one[name]["seconds"] for one in rounds)
        ratio = statistics.median(one["RecBole 1.2.1"]["seconds"] / one[name]["seconds"] for one in rounds)
        peak = max(one[name]["peak"] for one in rounds)
        print(f"| {name} | {STEPS * BATCH / seconds:,.0f} | {ratio:.2f} | {peak:,.0f} |")


if __name__ == "__main__":
    logging.getLogger("pytorch_lightning.utilities.rank_zero").setLevel(logging.ERROR)
    if len(sys.argv) > 1:
        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        torch.utils.deterministic.fill_uninitialized_memory = False
        print(json.dumps(ours(sys.argv[1], int(sys.argv[2]), sys.argv[3])))
    else:
        main()
