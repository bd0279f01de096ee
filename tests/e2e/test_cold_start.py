"""Independent source: popularity, which is all that is known of a user or an item without attributes.

The world of `new_users` is made easier than the default one, on purpose: nearness matters ten times as much
(`data.locality=10`) and a fifth of the users are held out, so that 160 users can tell. At the default locality
GraphSAGE was not above popularity for new users: experiments/ablation/cold_start.md.
"""

import json
from pathlib import Path

import pytest

from recsys.commands import main

SIZE = (
    "data.users=500",
    "data.items=300",
    "data.authors=30",
    "data.days=20",
    "data.sessions=1.0",
    "data.page=10",
)
SPLITS = {
    "new_users": ("split.test=0.2", "data.locality=10.0", "data.users=800"),
    "new_items": ("eval.candidates=new_items",),
}


def recall(split: str, *words: str) -> float:
    common = (*SIZE, f"split={split}", *SPLITS[split], "eval.bootstrap=0", "hydra.run.dir=run")
    assert main(["train", "+ablation=cold_start", *common, *words]) == 0
    return json.loads(Path("run/metrics.json").read_text())["test"]["recall@20"]


@pytest.mark.parametrize("split", SPLITS)
def test_graphsage_places_what_training_does_not_know_above_popularity(split: str, workplace: Path) -> None:
    model = ("model=graphsage", "model.cold=0.5", "model.social=friends", "model.dim=32", "batch_size=2048")
    learnt = recall(split, *model)
    Path("run").rename("learnt")
    assert learnt > 1.1 * recall(split)
