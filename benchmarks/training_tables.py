"""A step on a large embedding table: dense Adam, fused, torch's SparseAdam, and ours.

    python benchmarks/training_tables.py [--rows 1000000] [--dim 64] [--ids 8192] [--steps 10]

One lookup of `ids` random rows, a squared loss, backward, and the optimizer's step; milliseconds, the median of
the steps after two that warm up, one thread. Memory is that of table, gradient and moments.
"""

import argparse
import time
from collections.abc import Callable
from statistics import median

import torch
from torch import nn

from recsys.train.optimizers.sparse_adam import SparseAdam

Make = Callable[[nn.Embedding], torch.optim.Optimizer]

OPTIMIZERS: dict[str, tuple[bool, Make]] = {
    "torch Adam": (False, lambda table: torch.optim.Adam(table.parameters(), foreach=False)),
    "torch Adam fused": (False, lambda table: torch.optim.Adam(table.parameters(), fused=True)),
    "torch SparseAdam": (True, lambda table: torch.optim.SparseAdam(list(table.parameters()))),
    "optimizer=sparse_adam": (True, lambda table: SparseAdam([{"params": [table.weight], "rows": True}])),
}


def step_ms(table: nn.Embedding, optimizer: torch.optim.Optimizer, ids: int, steps: int) -> float:
    """The median of the steps, in milliseconds."""
    generator, times = torch.Generator().manual_seed(0), []
    for _ in range(steps + 2):
        index = torch.randint(0, table.num_embeddings, (ids,), generator=generator)
        start = time.perf_counter()
        optimizer.zero_grad()
        table(index).square().sum().backward()
        optimizer.step()
        times.append(1000 * (time.perf_counter() - start))
    return median(times[2:])


def main() -> None:
    """Print a line an optimizer."""
    parser = argparse.ArgumentParser()
    for name, default in (("rows", 1_000_000), ("dim", 64), ("ids", 8192), ("steps", 10)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(
        f"{options.rows:,} x {options.dim}, {options.ids:,} ids a step, torch {torch.__version__}, one thread"
    )
    for name, (sparse, make) in OPTIMIZERS.items():
        torch.manual_seed(0)
        table = nn.Embedding(options.rows, options.dim, sparse=sparse)
        print(
            f"{name:<22} {step_ms(table, make(table), options.ids, options.steps):8.1f} ms a step", flush=True
        )


if __name__ == "__main__":
    main()
