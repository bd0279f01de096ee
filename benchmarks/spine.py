"""What the framework costs over the same arithmetic in a bare torch loop.

    scripts/recsys doctor && .venv/bin/python benchmarks/spine.py

Training: matrix factorisation with BPR, one epoch through Lightning (sampler, slate, model, loss, optimizer,
logging, no validation) against a loop over the same batches written out by hand. Evaluation: full-catalogue
ranking with seen items removed and 18 metrics against blocked matrix products with top-k. Both sides take turns
in one process; medians of the rounds. Prints a Markdown table.
"""

import logging
import statistics
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from recsys.loss.bpr import BPR
from recsys.metrics import Metrics
from recsys.metrics.ranking import RankingMetrics
from recsys.model.mf import MF
from recsys.ops import csr, queries
from recsys.ops import statistics as counting
from recsys.sampling.uniform import Uniform
from recsys.train.datamodule import Data
from recsys.train.evaluation import Pass, measure_all
from recsys.train.evaluator import HERE, Evaluator
from recsys.train.measure import block_of
from recsys.train.module import Recommender
from recsys.types import Encoded, Facts, Field, HoldoutRows, Protocol, Schema, TrainRows

USERS, ITEMS, ROWS, DIM, BATCH = 20_000, 10_000, 1_000_000, 64, 8192
ROUNDS = 5


class Table(nn.Embedding):
    """An embedding that says how wide it is."""

    def __init__(self, rows: int, width: int) -> None:
        super().__init__(rows, width)
        self.width = width


def world() -> Encoded:
    """A million positives of a skewed catalogue, one held-out positive a user."""
    generator = torch.Generator().manual_seed(0)
    user = torch.randint(USERS, (ROWS,), generator=generator)
    item = (torch.rand(ROWS, generator=generator) ** 3 * ITEMS).long()
    held = HoldoutRows(
        torch.arange(USERS), torch.randint(ITEMS, (USERS,), generator=generator), torch.ones(USERS)
    )
    fields = (
        Field("user_id", "user", "id", torch.arange(USERS), lambda dim: Table(USERS, dim)),
        Field("item_id", "item", "id", torch.arange(ITEMS), lambda dim: Table(ITEMS, dim)),
    )
    return Encoded(Schema(USERS, ITEMS, fields), TrainRows(user, item, torch.ones(ROWS)), held, held)


def parts(encoded: Encoded) -> tuple[MF, Uniform]:
    """Model and sampler."""
    torch.manual_seed(0)
    graph = counting.link(encoded.train, encoded.schema)
    return MF(encoded.schema, dim=DIM, bias=False), Uniform(encoded.schema, graph, negatives=1)


def adam(parameters: object) -> torch.optim.Optimizer:
    """The default optimizer."""
    return torch.optim.Adam(parameters, lr=1e-3, fused=True)  # type: ignore[arg-type]


def evaluator(encoded: Encoded, metrics: Mapping[str, Metrics]) -> Evaluator:
    """The framework's evaluation, without slices and intervals."""
    counts, graph = (count(encoded.train, encoded.schema) for count in (counting.count, counting.link))
    return Evaluator(metrics, Protocol(), encoded, Facts(counts, graph), {})


def framework_epoch(encoded: Encoded) -> float:
    """Seconds of one epoch through the framework."""
    model, sampler = parts(encoded)
    module = Recommender(
        model,
        evaluator(encoded, {}),
        seed=0,
        loss=BPR(),
        sampler=sampler,
        optimizer=lambda module: adam(module.parameters()),
        passport={},
    )
    data = Data(encoded, draws="positive", evaluator=module.evaluator, batch_size=BATCH, block=1, seed=0)
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        clock = Clock()
        trainer = pl.Trainer(
            max_epochs=1,
            accelerator="cpu",
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            limit_val_batches=0,
            deterministic=True,
            callbacks=[clock],
            default_root_dir=Path(folder),
        )
        trainer.fit(module, data)
    return clock.seconds


class Clock(pl.Callback):
    """Times the epoch, without the set-up of the trainer."""

    seconds = 0.0

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.seconds = -time.perf_counter()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.seconds += time.perf_counter()


def bare_epoch(encoded: Encoded) -> float:
    """Seconds of the same epoch, written out: draw, redraw positives, score, BPR, Adam."""
    torch.manual_seed(0)
    users, items = nn.Embedding(USERS, DIM), nn.Embedding(ITEMS, DIM)
    optimizer = adam([*users.parameters(), *items.parameters()])
    taken = csr.keys(csr.from_pairs(encoded.train.user, encoded.train.item, USERS), ITEMS)
    generator = torch.Generator().manual_seed(0)
    start = time.perf_counter()
    order = torch.randperm(ROWS, generator=generator)
    for at in order.split(BATCH):
        user, positive = encoded.train.user[at], encoded.train.item[at]
        negative = torch.randint(ITEMS, (len(at),), generator=generator)
        while bool((wrong := csr.contains(taken, user * ITEMS + negative)).any()):
            negative[wrong] = torch.randint(ITEMS, (int(wrong.sum()),), generator=generator)
        vectors = users(user)
        good, bad = (vectors * items(positive)).sum(1), (vectors * items(negative)).sum(1)
        loss = softplus(bad - good).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return time.perf_counter() - start


def framework_evaluation(encoded: Encoded) -> float:
    """Seconds of ranking every user over the whole catalogue, with all metrics."""
    model, _ = parts(encoded)
    measuring = Pass(
        evaluator(encoded, {"ranking": RankingMetrics()}), "test", model.eval(), HERE, details=False
    )
    asked = queries.ask(encoded.test, [encoded.train], encoded.schema, Protocol(), impressions=False)
    size = block_of(model, ITEMS)
    start = time.perf_counter()
    blocks = (queries.cut(asked, at, at + size) for at in range(0, len(asked.user), size))
    measure_all(measuring, blocks)
    return time.perf_counter() - start


def bare_evaluation(encoded: Encoded) -> float:
    """Seconds of blocked matrix products, seen items struck out, top 20."""
    model, _ = parts(encoded)
    users, items = (bank.encoders[0].weight.detach() for bank in (model.users, model.items))
    asked = queries.ask(encoded.test, [encoded.train], encoded.schema, Protocol(), impressions=False)
    size = block_of(model, ITEMS)
    start = time.perf_counter()
    best: list[Tensor] = []
    for at in range(0, len(asked.user), size):
        block = asked.user[at : at + size]
        first, last = asked.seen.ptr[at], asked.seen.ptr[at + len(block)]
        row = torch.repeat_interleave(torch.arange(len(block)), asked.seen.ptr[at : at + len(block) + 1].diff())
        scores = users[block] @ items.T
        scores[row, asked.seen.idx[first:last]] = -torch.inf
        best.append(scores.topk(20).indices)
    return time.perf_counter() - start


def race(ours: Callable[[Encoded], float], bare: Callable[[Encoded], float], encoded: Encoded) -> list[float]:
    """Medians of both, and of the ratio of each round."""
    rounds = [(ours(encoded), bare(encoded)) for _ in range(ROUNDS)]
    ratios = [mine / theirs for mine, theirs in rounds]
    return [statistics.median(column) for column in (*zip(*rounds, strict=True), ratios)]


def main() -> None:
    """Run both races and print the table."""
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False
    logging.getLogger("pytorch_lightning.utilities.rank_zero").setLevel(logging.WARNING)
    encoded = world()
    print("| what | recsys | bare torch loop | ratio (median of rounds) | bound |")
    print("| --- | --- | --- | --- | --- |")
    mine, theirs, ratio = race(framework_epoch, bare_epoch, encoded)
    print(f"| training, interactions/s | {ROWS / mine:,.0f} | {ROWS / theirs:,.0f} | {ratio:.2f} | 1.20 |")
    mine, theirs, ratio = race(framework_evaluation, bare_evaluation, encoded)
    print(f"| evaluation, users/s | {USERS / mine:,.0f} | {USERS / theirs:,.0f} | {ratio:.2f} | 1.30 |")


if __name__ == "__main__":
    main()
