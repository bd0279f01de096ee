"""Our values of the problem, as JSON: .venv/bin/python recsys_metrics.py problem.npz"""

import json
import sys

import numpy as np
import torch

from recsys.metrics.classification import Classification
from recsys.metrics.ranking import RankingMetrics
from recsys.metrics.whole_list import WholeList
from recsys.ops import csr, topk
from recsys.ops.placing import place
from recsys.types import Counts, Csr, Facts, Graph, Predictions


def no_facts() -> Facts:
    """None of these metrics looks beyond the lists."""
    none = torch.zeros(0, dtype=torch.int64)
    empty = Csr(torch.zeros(1, dtype=torch.int64), none)
    return Facts(Counts(none, none, 0, 0), Graph(empty, empty))


def ranking(scores: np.ndarray, user: np.ndarray, item: np.ndarray, grade: np.ndarray) -> dict[str, float]:
    """Means over the users with a relevant candidate."""
    order = np.lexsort((item, user))
    order = order[grade[order] > 0]
    relevant = csr.from_pairs(torch.from_numpy(user[order]), torch.from_numpy(item[order]), len(scores))
    grades, everyone = torch.from_numpy(grade[order]).float(), torch.arange(len(scores))
    whole = torch.from_numpy(scores)
    top = topk.best(whole, everyone, 100)
    values = {}
    for name, kept in (("", None), (", linear gain", grades), (", exponential gain", grades)):
        gain = "linear" if name == ", linear gain" else "exponential"
        observed = RankingMetrics(ks=[10, 100], gain=gain).observe(topk.judge(top, relevant, kept), no_facts())
        means = {key: float(value.mean()) for key, value in observed.per_user.items()}
        if name:
            values[f"ndcg@10{name}"] = means["ndcg@10"]
        else:
            asked = ("recall@10", "precision@10", "hit_rate@10", "ndcg@10", "map@10", "mrr@10", "rbp@100")
            values = {key: means[key] for key in asked}
    placed = place(whole, everyone, relevant, (whole > -torch.inf).sum(1))
    observed = WholeList().observe(placed, no_facts())
    return values | {key: float(value.nanmean()) for key, value in observed.per_user.items()}


def rows(problem: np.lib.npyio.NpzFile) -> dict[str, float]:
    """Of labelled rows."""
    chance, label = torch.from_numpy(problem["chance"]), torch.from_numpy(problem["positive"]).float()
    user, item = torch.from_numpy(problem["user"]), torch.from_numpy(problem["item"])
    measured = Classification(binning="width").measure(Predictions(chance.logit(), label, user, item))
    return {name: measured.values[name] for name in ("roc_auc", "pr_auc", "f1", "log_loss", "brier", "ece")}


def main() -> None:
    problem = np.load(sys.argv[1])
    values = {"rows": rows(problem)}
    for name in [key.removeprefix("scores_") for key in problem.files if key.startswith("scores_")]:
        found = ranking(problem[f"scores_{name}"], problem["user"], problem["item"], problem[f"grade_{name}"])
        values[name] = found
    print(json.dumps(values))


main()
