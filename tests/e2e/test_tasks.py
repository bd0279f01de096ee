"""Several tasks in whole runs.

Independent source: scikit-learn's ROC AUC of the scores that the run's own checkpoint gives.
"""

import json
from pathlib import Path

import pytest
import torch
from sklearn.metrics import roc_auc_score

from recsys import flow
from recsys.build import build
from recsys.commands import main
from recsys.compose import Request, build_config, groups, screen, session
from recsys.train.measure import predict

MULTI = ["label=multi", "sampling=none", "metrics=classification", "eval.bootstrap=0", "trainer.max_epochs=2"]


def test_each_task_is_measured_by_its_own_label_and_prediction(workplace: Path, tiny: list[str]) -> None:
    words = [*tiny, *MULTI, "model=mmoe", "loss=multi_task", "label.primary=stay", "hydra.run.dir=run"]
    assert main(["train", *words]) == 0
    metrics = json.loads(Path("run/metrics.json").read_text())
    request = Request("train", tuple(words))
    with session(request):
        parts = build(build_config(request, screen(request)), groups(request.folders))
    prepared = flow.prepare(parts)
    recommender = flow.assemble(parts, prepared.encoded, prepared.moments)
    checkpoint = torch.load("run/checkpoints/best.ckpt", weights_only=True)
    recommender.load_state_dict(checkpoint["state_dict"])
    rows = prepared.encoded.test
    assert [task.name for task in prepared.encoded.schema.tasks] == ["stay", "click"]
    with torch.no_grad():
        predicted = predict(recommender.model.eval(), rows)
    for task, prefix in (("stay", ""), ("click", "click/")):
        scores = predicted[prefix.removesuffix("/")].logit
        expected = roc_auc_score(rows.tasks[task].numpy(), scores.numpy())
        assert metrics["test"][f"{prefix}roc_auc"] == pytest.approx(expected, abs=1e-6)


def test_a_value_of_several_tasks_changes_the_ranking_and_no_prediction(
    workplace: Path, tiny: list[str]
) -> None:
    words = [*tiny, *MULTI, "metrics=all", "monitor=roc_auc", "model=shared_bottom", "loss=multi_task"]
    assert main(["train", *words, "hydra.run.dir=one"]) == 0
    assert main(["train", *words, "model.value={click:1,stay:-3}", "hydra.run.dir=other"]) == 0
    one, other = (json.loads(Path(run, "metrics.json").read_text())["test"] for run in ("one", "other"))
    assert one["roc_auc"] == other["roc_auc"]
    assert one["stay/roc_auc"] == other["stay/roc_auc"]
    assert one["ndcg@10"] != other["ndcg@10"]
