"""RecBole's values of the problem, as JSON: {its environment}/bin/python recbole_metrics.py problem.npz

Its own Collector and Evaluator read the scores, as its Trainer gives them: item 0 is padding and scores -inf.
"""

import json
import sys

import numpy as np
import torch

np.float, np.int, np.bool = float, int, bool  # as recbole.config.Config does at the start of a run
from recbole.evaluator.collector import Collector  # noqa: E402
from recbole.evaluator.evaluator import Evaluator  # noqa: E402

NAMES = {
    "recall@10": "recall@10",
    "precision@10": "precision@10",
    "hit@10": "hit_rate@10",
    "ndcg@10": "ndcg@10",
    "map@10": "map@10",
    "mrr@10": "mrr@10",
    "gauc": "auc",
    "auc": "roc_auc",
    "logloss": "log_loss",
}


def config(mode: str, metrics: list[str]) -> dict:
    return {
        "eval_args": {"mode": mode},
        "topk": [10],
        "device": torch.device("cpu"),
        "metrics": metrics,
        "metric_decimal_place": 12,
        "LABEL_FIELD": "label",
    }


def ranking(scores: np.ndarray, user: np.ndarray, item: np.ndarray) -> dict[str, float]:
    settings = config("full", ["Recall", "Precision", "Hit", "NDCG", "MAP", "MRR", "GAUC"])
    padded = np.pad(scores, ((0, 0), (1, 0)), constant_values=-np.inf)
    asked, row = np.unique(user, return_inverse=True)
    collector = Collector(settings)
    collector.eval_batch_collect(
        torch.from_numpy(padded[asked]), None, torch.from_numpy(row), torch.from_numpy(item + 1)
    )
    return Evaluator(settings).evaluate(collector.get_data_struct())


def rows(chance: np.ndarray, positive: np.ndarray) -> dict[str, float]:
    settings = config("labeled", ["AUC", "LogLoss"])
    collector = Collector(settings)
    collector.eval_collect(torch.from_numpy(chance), torch.from_numpy(positive).float())
    return Evaluator(settings).evaluate(collector.get_data_struct())


def main() -> None:
    problem = np.load(sys.argv[1])
    values = {"rows": rows(problem["chance"], problem["positive"])}
    for name in [key.removeprefix("scores_") for key in problem.files if key.startswith("scores_")]:
        kept = problem[f"grade_{name}"] > 0
        values[name] = ranking(problem[f"scores_{name}"], problem["user"][kept], problem["item"][kept])
    named = {table: {NAMES[key]: float(v) for key, v in found.items()} for table, found in values.items()}
    print(json.dumps(named))


main()
