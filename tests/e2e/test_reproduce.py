"""The reproductions, on real data where it is present."""

import json
from pathlib import Path

import pytest

from recsys.commands import main
from recsys.compose import EXPERIMENTS


def test_popularity_on_movielens_equals_the_independent_computation(recsys_data: Path, workplace: Path) -> None:
    """Expected values over equal scores, by plain numpy: NDCG@10 0.0441, HR@10 0.0848, MRR@10 0.0318."""
    assert main(["train", "+reproduce=ml100k_popularity", "hydra.run.dir=run"]) == 0
    metrics = json.loads(Path("run/metrics.json").read_text())
    for name, value in {"ndcg@10": 0.0441, "hit_rate@10": 0.0848, "mrr@10": 0.0318}.items():
        assert metrics["test"][name] == pytest.approx(value, abs=0.0005)
    assert metrics["valid"]["ndcg@10"] == pytest.approx(0.0342, abs=0.0005)


@pytest.mark.parametrize("data", ["movielens_100k", "movielens_latest_small", "movielens_1m"])
def test_a_model_trains_on_each_source(data: str, recsys_data: Path, workplace: Path) -> None:
    assert main(["train", f"data={data}", "model=popularity", "hydra.run.dir=run"]) == 0
    metrics = json.loads(Path("run/metrics.json").read_text())
    assert metrics["test"]["roc_auc"] > 0.55


def test_every_model_of_the_frappe_study_can_run(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = EXPERIMENTS / "reproduce" / "frappe"
    names = sorted(file.stem for file in folder.glob("*.yaml"))
    assert main(["check", "-m", f"+reproduce/frappe={','.join(names)}"]) == 0
    assert f"{len(names)} valid, 0 refused" in capsys.readouterr().out
