"""DeepFM's training steps against FuxiCTR's, same rows, batch and sizes.

    benchmarks/peers/install fuxictr && .venv/bin/python benchmarks/training_deepfm.py [--steps 60] [--rounds 5]

A million rows of 20 fields with 10,000 values each, which all vary from row to row (two are the ids of user and
item); vectors of 16, MLP 256-128, batches of 4,096, cross entropy, Adam over all rows of the tables. The first
STEPS of an epoch of 245 are timed, each side in its process, in turns, on two threads unless OMP_NUM_THREADS
says otherwise. FuxiCTR is timed twice: with its own loader, which works in a process beside, and with batches
that are ready. CLOCK=cpu counts processor seconds. Prints a Markdown table: medians of the rounds, and the
highest peak memory of the process that trains.
"""

import argparse
import json
import logging
import os
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from spine import Table
from training_lightgcn import HERE, PEERS, fit, run

from recsys.loss.bce import BCE
from recsys.model.deepfm import DeepFM
from recsys.sampling.none import NoSampling
from recsys.types import Encoded, Field, HoldoutRows, Schema, TrainRows

ROWS, FIELDS, VALUES, DIM, HIDDEN, BATCH = 1_000_000, 20, 10_000, 16, (256, 128), 4096
FUXICTR = "FuxiCTR 2.3.10"


def columns() -> dict[str, np.ndarray]:
    """A column of values from 1 for each field, skewed, and labels of which a fifth are 1."""
    rng = np.random.default_rng(0)
    made = {f"field{at}": 1 + (rng.random(ROWS) ** 2 * VALUES).astype(np.int64) for at in range(FIELDS)}
    return {**made, "label": (rng.random(ROWS) < 0.2).astype(np.float32)}


def world(file: str) -> Encoded:
    """The first two columns as user and item, the others as context."""
    given = np.load(file)
    user, item, *others = (torch.from_numpy(given[f"field{at}"]) for at in range(FIELDS))
    context = {f"field{at}": values for at, values in enumerate(others, start=2)}
    entities = torch.arange(VALUES + 1)

    def table(dim: int) -> Table:
        return Table(VALUES + 1, dim)

    fields = (
        Field("field0", "user", "id", entities, table),
        Field("field1", "item", "id", entities, table),
        *(Field(name, "context", "category", None, table) for name in context),
    )
    held = HoldoutRows(user[:1], item[:1], torch.ones(1))
    train = TrainRows(user, item, torch.from_numpy(given["label"]), context=context)
    return Encoded(Schema(VALUES + 1, VALUES + 1, fields), train, held, held)


def ours(file: str, steps: int) -> dict[str, float]:
    """Through the framework."""
    encoded = world(file)
    model = DeepFM(encoded.schema, dim=DIM, hidden=HIDDEN)
    size = sum(parameter.numel() for parameter in model.parameters())
    return fit(encoded, model, steps, sampler=NoSampling(), loss=BCE(), batch=BATCH) | {"parameters": size}


def main(steps: int, rounds: int) -> None:
    """Let all take turns, and print the table."""
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    with TemporaryDirectory() as folder:
        file = str(Path(folder) / "world.npz")
        np.savez(file, **columns(), values=VALUES, batch=BATCH, dim=DIM, hidden=np.array(HIDDEN))
        theirs = (PEERS / "fuxictr/bin/python", str(HERE / "peers/fuxictr_training.py"), file, str(steps))
        sides = {
            "recsys": (sys.executable, str(HERE / "training_deepfm.py"), "--side", file, "--steps", str(steps)),
            f"{FUXICTR}, its loader": (*theirs, "loader"),
            f"{FUXICTR}, ready batches": (*theirs, "ready"),
        }
        found = [{name: run(*words) for name, words in sides.items()} for _ in range(rounds)]
    print("| DeepFM | samples a second (median) | recsys over it | peak memory, MB | parameters |")
    print("| --- | --- | --- | --- | --- |")
    for name in sides:
        seconds = statistics.median(one[name]["seconds"] for one in found)
        ratio = statistics.median(one[name]["seconds"] / one["recsys"]["seconds"] for one in found)
        peak, size = (max(one[name][key] for one in found) for key in ("peak", "parameters"))
        print(f"| {name} | {steps * BATCH / seconds:,.0f} | {ratio:.2f} | {peak:,.0f} | {size:,} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--side", metavar="FILE", help="measure recsys in this process")
    given = parser.parse_args()
    logging.getLogger("pytorch_lightning.utilities.rank_zero").setLevel(logging.ERROR)
    if given.side:
        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        torch.utils.deterministic.fill_uninitialized_memory = False
        print(json.dumps(ours(given.side, given.steps)))
    else:
        main(given.steps, given.rounds)
