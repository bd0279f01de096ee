"""Recommenders' values of the problem, as JSON: {its folder}/bin/python recommenders_metrics.py FILE.npz"""

import json
import sys

import numpy as np
import pandas as pd
from recommenders.evaluation import python_evaluation as theirs

DEPTH = 300


def lists(scores: np.ndarray) -> pd.DataFrame:
    order = np.argsort(-scores, axis=1, kind="stable")[:, :DEPTH]
    values = np.take_along_axis(scores, order, 1)
    user = np.repeat(np.arange(len(scores)), DEPTH)
    frame = pd.DataFrame({"userID": user, "itemID": order.ravel(), "prediction": values.ravel()})
    return frame[frame.prediction > -np.inf]


def ranking(truth: pd.DataFrame, found: pd.DataFrame) -> dict[str, float]:
    def ndcg(score_type: str) -> float:
        return theirs.ndcg_at_k(truth, found, k=10, score_type=score_type)

    return {
        "recall@10": theirs.recall_at_k(truth, found, k=10),
        "precision@10": theirs.precision_at_k(truth, found, k=10),
        "ndcg@10": ndcg("binary"),
        "ndcg@10, linear gain": ndcg("raw"),
        "ndcg@10, exponential gain": ndcg("exp"),
        "map@10": theirs.map_at_k(truth, found, k=10),
        "map@10, over R": theirs.map(truth, found, k=10),
        "r_precision": theirs.r_precision_at_k(truth, found, k=DEPTH),
    }


def rows(problem: np.lib.npyio.NpzFile) -> dict[str, float]:
    pairs = {"userID": problem["user"], "itemID": problem["item"]}
    truth = pd.DataFrame(pairs | {"rating": problem["positive"].astype(float)})
    guess = pd.DataFrame(pairs | {"prediction": problem["chance"]})
    return {"roc_auc": theirs.auc(truth, guess), "log_loss": theirs.logloss(truth, guess)}


def main() -> None:
    problem = np.load(sys.argv[1])
    values = {"rows": rows(problem)}
    for name in [key.removeprefix("scores_") for key in problem.files if key.startswith("scores_")]:
        truth = pd.DataFrame(
            {"userID": problem["user"], "itemID": problem["item"], "rating": problem[f"grade_{name}"]}
        )
        values[name] = ranking(truth[truth.rating > 0], lists(problem[f"scores_{name}"]))
    print(json.dumps({table: {key: float(v) for key, v in found.items()} for table, found in values.items()}))


main()
