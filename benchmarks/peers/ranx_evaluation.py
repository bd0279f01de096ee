"""Seconds of ranx for twelve metrics of ready lists: {its folder}/bin/python ranx_evaluation.py lists.npz"""

import json
import os
import statistics
import sys
import time

import numpy as np
from numba.typed import List
from ranx import evaluate

CLOCK = time.process_time if os.environ.get("CLOCK") == "cpu" else time.perf_counter
THREADS = int(os.environ["NUMBA_NUM_THREADS"])
METRICS = [
    f"{name}@{k}" for name in ("recall", "precision", "hit_rate", "ndcg", "map", "mrr") for k in (10, 100)
]


def typed(items: np.ndarray) -> List:
    """What Qrels and Run turn into inside evaluate: an array of (item, score) a query."""
    scores = np.broadcast_to(np.arange(items.shape[1], 0, -1.0), items.shape)
    both = np.stack([items.astype(np.float64), scores], 2)
    rows = List()
    for row in both:
        rows.append(row)
    return rows


def main() -> None:
    given = np.load(sys.argv[1])
    held = given["held"]
    qrels, run = typed(held), typed(given["lists"])
    for row in qrels:
        row[:, 1] = 1
    evaluate(qrels, run, METRICS, threads=THREADS)
    seconds = []
    for _ in range(3):
        start = CLOCK()
        values = evaluate(qrels, run, METRICS, threads=THREADS)
        seconds.append(CLOCK() - start)
    print(json.dumps({"seconds": statistics.median(seconds)} | {key: float(v) for key, v in values.items()}))


main()
