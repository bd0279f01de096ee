"""LightGCN's training steps against RecBole's, same pairs, batch, size and layers.

    benchmarks/peers/install recbole && .venv/bin/python benchmarks/training_lightgcn.py

200,000 pairs of 10,000 users and 5,000 items, batches of 2,048, vectors of 64, 3 layers, one negative,
BPR with decay 1e-4, Adam. The first STEPS of an epoch of 98 are timed, each side in its process, in turns,
by default on two threads; an epoch is reckoned from them. On a machine that others use too, CLOCK=cpu with
OMP_NUM_THREADS=1 counts processor seconds of one thread. Prints a Markdown table: medians of the rounds, and
the highest peak memory of the whole process.
"""

import json
import logging
import os
import resource
import statistics
import subprocess
import sys
import time
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from spine import Table, adam, evaluator
from torch import nn

from recsys.loss import Loss
from recsys.loss.bpr import BPR
from recsys.model import Model
from recsys.model.lightgcn import LightGCN
from recsys.ops import statistics as counting
from recsys.sampling import Sampler
from recsys.sampling.uniform import Uniform
from recsys.train.datamodule import Data
from recsys.train.module import Recommender
from recsys.types import Encoded, Field, HoldoutRows, Schema, TrainRows

USERS, ITEMS, PAIRS, BATCH = 10_000, 5_000, 200_000, 2048
STEPS, ROUNDS = 20, 3
PEERS = Path(os.environ.get("RECSYS_PEERS", Path.home() / ".cache/recsys/peers"))
HERE = Path(__file__).parent
CLOCK = time.process_time if os.environ.get("CLOCK") == "cpu" else time.perf_counter


class Clock(pl.Callback):
    """Times the epoch, without the set-up of the trainer."""

    seconds = 0.0

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.seconds = -CLOCK()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.seconds += CLOCK()


def pairs() -> tuple[np.ndarray, np.ndarray]:
    """Distinct pairs of a skewed catalogue; every user and item has one."""
    rng = np.random.default_rng(0)
    every = np.arange(USERS) * ITEMS + np.arange(USERS) % ITEMS
    drawn = rng.integers(USERS, size=2 * PAIRS) * ITEMS + (rng.random(2 * PAIRS) ** 2 * ITEMS).astype(np.int64)
    more = rng.permutation(np.setdiff1d(drawn, every))[: PAIRS - USERS]
    keys = rng.permutation(np.concatenate([every, more]))
    return keys // ITEMS, keys % ITEMS


def world(file: str, users: int, items: int) -> Encoded:
    """The pairs as positives, with an id on both sides."""
    given = np.load(file)
    user, item = (torch.from_numpy(given[side]) for side in ("user", "item"))
    held = HoldoutRows(user[:1], item[-1:], torch.ones(1))
    fields = (
        Field("user_id", "user", "id", torch.arange(users), lambda dim: Table(users, dim)),
        Field("item_id", "item", "id", torch.arange(items), lambda dim: Table(items, dim)),
    )
    return Encoded(Schema(users, items, fields), TrainRows(user, item, torch.ones(len(user))), held, held)


def dense(module: nn.Module) -> torch.optim.Optimizer:
    """The default optimizer."""
    return adam(module.parameters())


def fit(
    encoded: Encoded,
    model: Model[Any],
    steps: int,
    optimizer: Any = None,
    *,
    sampler: Sampler | None = None,
    loss: Loss | None = None,
    batch: int = BATCH,
) -> dict[str, float]:
    """Seconds and peak memory of the first steps of an epoch through the framework.

    BPR with one negative, where no sampler and loss are given.
    """
    if sampler is None:
        sampler = Uniform(encoded.schema, counting.link(encoded.train, encoded.schema), negatives=1)
    parts = {"loss": loss or BPR(), "sampler": sampler, "optimizer": optimizer or dense, "passport": {}}
    module = Recommender(model, evaluator(encoded, {}), seed=0, **parts)
    data = Data(encoded, draws=sampler.rows, evaluator=module.evaluator, batch_size=batch, block=1, seed=0)
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        clock, chosen = Clock(), {"accelerator": "cpu", "logger": False, "deterministic": True}
        quiet = {"enable_checkpointing": False, "enable_progress_bar": False, "enable_model_summary": False}
        limits = {"max_epochs": 1, "limit_train_batches": steps, "limit_val_batches": 0}
        pl.Trainer(**chosen, **quiet, **limits, callbacks=[clock], default_root_dir=Path(folder)).fit(
            module, data
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": clock.seconds, "peak": peak}


def ours(file: str, steps: int) -> dict[str, float]:
    """LightGCN's."""
    encoded = world(file, USERS, ITEMS)
    graph = counting.link(encoded.train, encoded.schema)
    return fit(encoded, LightGCN(encoded.schema, graph, dim=64, layers=3, decay=1e-4), steps)


def run(python: Path | str, *words: str) -> dict[str, float]:
    """What another process prints last."""
    done = subprocess.run([str(python), *words], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Let both sides take turns, and print the table."""
    os.environ.setdefault("OMP_NUM_THREADS", "2")
    with TemporaryDirectory() as folder:
        file = str(Path(folder) / "world.npz")
        user, item = pairs()
        np.savez(file, user=user, item=item, batch=BATCH)
        sides = {
            "recsys": (sys.executable, str(HERE / "training_lightgcn.py"), file),
            "RecBole 1.2.1": (PEERS / "recbole/bin/python", str(HERE / "peers/recbole_training.py"), file),
        }
        turn = (str(STEPS), "LightGCN")
        rounds = [{name: run(*words, *turn) for name, words in sides.items()} for _ in range(ROUNDS)]
    epoch = PAIRS / BATCH / STEPS
    print("| LightGCN | seconds an epoch (median) | peak memory, MB |")
    print("| --- | --- | --- |")
    for name in sides:
        seconds = statistics.median(one[name]["seconds"] for one in rounds) * epoch
        print(f"| {name} | {seconds:.2f} | {max(one[name]['peak'] for one in rounds):,.0f} |")
    mine, theirs = ([one[name]["seconds"] for one in rounds] for name in sides)
    ratio = statistics.median(b / a for a, b in zip(mine, theirs, strict=True))
    print(f"\nRecBole's time over ours, median of {ROUNDS} rounds: {ratio:.2f} (bound 2)")


if __name__ == "__main__":
    logging.getLogger("pytorch_lightning.utilities.rank_zero").setLevel(logging.ERROR)
    if len(sys.argv) > 1:
        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        torch.utils.deterministic.fill_uninitialized_memory = False
        print(json.dumps(ours(sys.argv[1], int(sys.argv[2]))))
    else:
        main()
