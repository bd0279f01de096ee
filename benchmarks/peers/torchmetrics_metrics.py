"""torchmetrics' values of the problem, as JSON: .venv/bin/python torchmetrics_metrics.py problem.npz"""

import json
import sys
import warnings

import numpy as np
import torch
from torchmetrics import classification, retrieval

BINARY = {
    "recall@10": lambda: retrieval.RetrievalRecall(top_k=10),
    "precision@10": lambda: retrieval.RetrievalPrecision(top_k=10),
    "hit_rate@10": lambda: retrieval.RetrievalHitRate(top_k=10),
    "ndcg@10": lambda: retrieval.RetrievalNormalizedDCG(top_k=10),
    "map@10": lambda: retrieval.RetrievalMAP(top_k=10),
    "mrr@10": lambda: retrieval.RetrievalMRR(top_k=10),
    "r_precision": lambda: retrieval.RetrievalRPrecision(),
    "auc": lambda: retrieval.RetrievalAUROC(),
}
ROWS = {
    "roc_auc": classification.BinaryAUROC,
    "pr_auc": classification.BinaryAveragePrecision,
    "f1": classification.BinaryF1Score,
    "ece": lambda: classification.BinaryCalibrationError(n_bins=15, norm="l1"),
}


def ranking(scores: np.ndarray, user: np.ndarray, item: np.ndarray, grade: np.ndarray) -> dict[str, float]:
    target = np.zeros(scores.shape, dtype=np.int64)
    target[user, item] = grade
    asked = np.unique(user)
    row, column = (scores[asked] > -np.inf).nonzero()
    row = asked[row]
    preds, indexes = torch.from_numpy(scores[row, column]), torch.from_numpy(row)
    grades = torch.from_numpy(target[row, column])
    values = {}
    for name, metric in BINARY.items():
        values[name] = float(metric()(preds, grades.clamp_max(1), indexes=indexes))
    graded = retrieval.RetrievalNormalizedDCG(top_k=10)(preds, grades, indexes=indexes)
    exponential = retrieval.RetrievalNormalizedDCG(top_k=10)(preds, 2**grades - 1, indexes=indexes)
    return values | {"ndcg@10, linear gain": float(graded), "ndcg@10, exponential gain": float(exponential)}


def main() -> None:
    warnings.simplefilter("ignore")
    problem = np.load(sys.argv[1])
    chance, positive = torch.from_numpy(problem["chance"]), torch.from_numpy(problem["positive"]).long()
    values = {"rows": {name: float(metric()(chance, positive)) for name, metric in ROWS.items()}}
    for name in [key.removeprefix("scores_") for key in problem.files if key.startswith("scores_")]:
        found = ranking(problem[f"scores_{name}"], problem["user"], problem["item"], problem[f"grade_{name}"])
        values[name] = found
    print(json.dumps(values))


main()
