"""What drawing a million negatives costs, positives excluded, over `torch.randint` and one gather.

    .venv/bin/python benchmarks/sampling.py

A million positives of 50,000 users and 20,000 items, popular ones more often. One thread, one process, the same
run; each line is the median of ROUNDS turns, which alternate between the sides. `draw` is the drawing alone
(items, and which of them count); `slate` the sampler's whole forward, with labels, mask and log q. The
yardstick is `table[torch.randint(items, (1_000_000,))]` for a table of as many entries as there are items.
Prints a Markdown table.
"""

import statistics
import time
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from recsys.ops import alias, drawing
from recsys.ops import statistics as counting
from recsys.sampling.popularity import Popularity
from recsys.sampling.uniform import Uniform
from recsys.types import Schema, TrainRows

USERS, ITEMS, POSITIVES, DRAWN, ROUNDS = 50_000, 20_000, 1_000_000, 1_000_000, 15
SHAPES = (4, 100)


def rows(generator: torch.Generator, n: int) -> TrainRows:
    """Positive rows; an item's chance falls with its index."""
    user = torch.randint(USERS, (n,), generator=generator)
    item = (ITEMS * torch.rand(n, generator=generator, dtype=torch.float64) ** 3).long()
    return TrainRows(user=user, item=item, label=torch.ones(n))


def sides(generator: torch.Generator) -> dict[str, Callable[[], object]]:
    """What is measured, by name; the first is the yardstick."""
    train, schema = rows(generator, POSITIVES), Schema(USERS, ITEMS, ())
    graph, counts = counting.link(train, schema), counting.count(train, schema)
    table = torch.arange(ITEMS)

    def uniform(n: int) -> Tensor:
        return torch.randint(ITEMS, (n,), generator=generator)

    work: dict[str, Callable[[], object]] = {"randint + gather": lambda: table[uniform(DRAWN)]}
    for width in SHAPES:
        batch = rows(generator, DRAWN // width)
        plain = Uniform(schema, graph, negatives=width)
        popular = Popularity(schema, counts, graph, negatives=width)

        def popularly(n: int, sampler: Popularity = popular) -> Tensor:
            return alias.draw(n, sampler.share, sampler.pair, generator)

        drawn = partial(drawing.negatives, batch.user, plain.taken.where, width)

        work[f"uniform draw, {width} a row"] = partial(drawn, uniform)
        work[f"popularity draw, {width} a row"] = partial(drawn, popularly)
        work[f"uniform slate, {width} a row"] = lambda b=batch, s=plain: s(b, generator)
        work[f"popularity slate, {width} a row"] = lambda b=batch, s=popular: s(b, generator)
    return work


def main() -> None:
    """Measure all sides in turn and print the medians."""
    torch.set_num_threads(1)
    work = sides(torch.Generator().manual_seed(0))
    seconds: dict[str, list[float]] = {name: [] for name in work}
    for turn in range(ROUNDS + 1):
        for name, side in work.items():
            start = time.perf_counter()
            side()
            if turn:
                seconds[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    yardstick = next(iter(medians.values()))
    print("| 1,000,000 negatives | ms | ratio |\n| --- | --- | --- |")
    for name, median in medians.items():
        print(f"| {name} | {1000 * median:.1f} | {median / yardstick:.2f} |")


if __name__ == "__main__":
    main()
