"""How fast point-in-time counters are indexed and answered, and what memory that takes.

    .venv/bin/python benchmarks/features.py
    .venv/bin/python benchmarks/features.py --events 50_000_000

A simulated log of impressions with 200,000 users and 50,000 items over 90 days; ten counters (events,
positives, saves, and the rates of both, of the user and of the item) over three windows, so 30 columns, asked
for a million (user, item, time) triples in no order. Beside it the time that polars takes for one group_by of
the same log, with a count and two sums. Each side runs in a process of its own, whose peak memory is its
ru_maxrss, the log included. Prints a Markdown table; CPU seconds are those of all threads.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import torch

from recsys.features.counters import Counters
from recsys.types import Columns, History

USERS, ITEMS, DAYS, QUESTIONS, ROUNDS = 200_000, 50_000, 90, 1_000_000, 3
COLUMNS = Columns({"user_id": "id"}, {"item_id": "id"}, {"timestamp": "time"}, {"saved": "flag"})


def simulated(events: int) -> History:
    """Skewed users and items; a tenth of the events positive, a fiftieth saved."""
    generator = torch.Generator().manual_seed(0)

    def draw(n: int, power: float) -> torch.Tensor:
        return (torch.rand(events, generator=generator) ** power * n).long()

    seconds = torch.randint(DAYS * 86_400, (events,), generator=generator)
    seconds.numpy().sort()
    return History(
        user=draw(USERS, 1.5),
        item=draw(ITEMS, 3.0),
        time=seconds + 1_700_000_000,
        label=(torch.rand(events, generator=generator) < 0.1).float(),
        n_users=USERS,
        n_items=ITEMS,
        cutoff=1_700_000_000 + 80 * 86_400,
        impressions=True,
        feedback={"saved": (torch.rand(events, generator=generator) < 0.02).float()},
    )


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """What it returns, wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return result, time.perf_counter() - wall, time.process_time() - cpu


def fastest(work: Callable[[], Any]) -> tuple[float, float]:
    """Least wall and least CPU seconds of the rounds."""
    rounds = [timed(work)[1:] for _ in range(ROUNDS)]
    return min(wall for wall, _ in rounds), min(cpu for _, cpu in rounds)


def counters(events: int) -> dict[str, float]:
    """Index and answer."""
    feature = Counters(windows=["1d", "7d", "30d"], by=["user", "item"], events=["saved"])
    history = simulated(events)
    index, wall, cpu = timed(lambda: feature.index(history))
    generator = torch.Generator().manual_seed(1)
    user = torch.randint(USERS, (QUESTIONS,), generator=generator)
    item = (torch.rand(QUESTIONS, generator=generator) ** 3 * ITEMS).long()
    moment = 1_700_000_000 + torch.randint(DAYS * 86_400, (QUESTIONS,), generator=generator)

    def answer(many: slice) -> None:
        feature.answer(index, "user", user[many], None, moment[many])
        feature.answer(index, "item", None, item[many], moment[many])

    answer_wall, answer_cpu = fastest(lambda: answer(slice(None)))
    batch_wall, batch_cpu = fastest(lambda: [answer(slice(n, n + 8192)) for n in range(0, 163_840, 8192)])
    one_wall, one_cpu = fastest(lambda: [answer(slice(n, n + 1)) for n in range(100)])
    size = sum(tensor.numel() * tensor.element_size() for tensor in index.values())
    return {
        "columns": len(feature.columns(COLUMNS)),
        "index_wall": wall,
        "index_cpu": cpu,
        "index_gib": size / 2**30,
        "answer_wall": answer_wall,
        "answer_cpu": answer_cpu,
        "batch_wall": batch_wall / 163_840,
        "batch_cpu": batch_cpu / 163_840,
        "one_wall": one_wall / 100,
        "one_cpu": one_cpu / 100,
    }


def group_by(events: int) -> dict[str, float]:
    """One group_by of the log by item."""
    import polars as pl

    history = simulated(events)
    frame = pl.DataFrame(
        {
            "item": history.item.numpy(),
            "label": history.label.numpy(),
            "saved": history.feedback["saved"].numpy(),
        }
    )
    wall, cpu = fastest(lambda: frame.group_by("item").agg(pl.len(), pl.col("label", "saved").sum()))
    return {"wall": wall, "cpu": cpu}


def apart(side: str, events: int) -> dict[str, float]:
    """What a side measures in a process of its own, and its peak memory in GiB."""
    command = [sys.executable, __file__, "--side", side, "--events", str(events)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Measure both sides and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--side", choices=["counters", "group_by"])
    asked = parser.parse_args()
    if asked.side:
        measured = {"counters": counters, "group_by": group_by}[asked.side](asked.events)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(json.dumps({**measured, "peak": peak}))
        return
    ours, theirs = apart("counters", asked.events), apart("group_by", asked.events)
    answers = QUESTIONS * ours["columns"]
    rows = [
        ("index, seconds", f"{ours['index_wall']:.2f}", f"{ours['index_cpu']:.2f}"),
        *(
            (f"answers/s, {what}", f"{n / ours[key + '_wall']:,.0f}", f"{n / ours[key + '_cpu']:,.0f}")
            for what, key, n in (
                ("a million triples at once", "answer", answers),
                ("8,192 triples at once", "batch", ours["columns"]),
                ("one triple at a time", "one", ours["columns"]),
            )
        ),
        ("polars, one group_by, seconds", f"{theirs['wall']:.2f}", f"{theirs['cpu']:.2f}"),
    ]
    print(f"{asked.events:,} events, {ours['columns']} columns, index of {ours['index_gib']:.2f} GiB, ", end="")
    print(f"peak memory {ours['peak']:.2f} GiB (polars {theirs['peak']:.2f} GiB)\n")
    print("| what | by wall time | by CPU time |\n| --- | --- | --- |")
    for row in rows:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
