"""ranx's values of the problem, as JSON: {environment of ranx}/bin/python ranx_metrics.py problem.npz

Its metrics without a depth read the whole run, so each run has the best 300 candidates, more than any user's
relevant items. Its RBP weighs by grade, so it is given grades of 1 as well.
"""

import json
import sys

import numpy as np
from ranx import Qrels, Run, evaluate

DEPTH = 300
BINARY = {
    "recall@10": "recall@10",
    "precision@10": "precision@10",
    "hit_rate@10": "hit_rate@10",
    "ndcg@10": "ndcg@10",
    "map@10": "map@10",
    "mrr@10": "mrr@10",
    "r_precision": "r-precision",
    "rbp@100": "rbp.80",
}
GRADED = {
    "ndcg@10, linear gain": "ndcg@10",
    "ndcg@10, exponential gain": "ndcg_burges@10",
    "rbp@100, graded": "rbp.80",
}


def judgements(user: np.ndarray, item: np.ndarray, grade: np.ndarray) -> Qrels:
    table: dict[str, dict[str, int]] = {}
    for u, i, g in zip(user.tolist(), item.tolist(), grade.tolist(), strict=True):
        table.setdefault(str(u), {})[str(i)] = g
    return Qrels(table)


def lists(scores: np.ndarray) -> Run:
    order = np.argsort(-scores, axis=1, kind="stable")[:, :DEPTH]
    values = np.take_along_axis(scores, order, 1)
    rows = (zip(map(str, order[u].tolist()), values[u].tolist(), strict=True) for u in range(len(scores)))
    return Run({str(u): {item: score for item, score in row if score > -np.inf} for u, row in enumerate(rows)})


def main() -> None:
    problem = np.load(sys.argv[1])
    values = {}
    for name in [key.removeprefix("scores_") for key in problem.files if key.startswith("scores_")]:
        grade, run = problem[f"grade_{name}"], lists(problem[f"scores_{name}"])
        values[name] = {}
        for grades, metrics in ((np.minimum(grade, 1), BINARY), (grade, GRADED)):
            asked = judgements(problem["user"], problem["item"], grades)
            found = evaluate(asked, run, list(metrics.values()), make_comparable=True)
            values[name] |= {ours: float(found[theirs]) for ours, theirs in metrics.items()}
    print(json.dumps(values))


main()
