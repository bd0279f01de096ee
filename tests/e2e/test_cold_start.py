"""Independent source: popularity, which is all that is known of a user or an item without attributes.

The marketplace of `new_users` is made easier than the default one, on purpose: nearness matters ten times as
much (`data.locality=10`) and a fifth of the users are held out, so that 160 can tell. What columns tell at
the default locality is too little to be learnt from 600 users; experiments/ablation/cold_start.md has 4,000.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from recsys.commands import main

SIZE = (
    "data.items=300",
    "data.authors=30",
    "data.days=20",
    "data.sessions=1.0",
    "data.page=10",
)
SPLITS = {
    "new_users": ("split.test=0.2", "data.locality=10.0", "data.users=800"),
    "new_items": ("eval.candidates=new_items", "data.users=500"),
}


def recall(split: str, *words: str) -> float:
    common = ("+ablation=cold_start", f"split={split}", "eval.bootstrap=0", "hydra.run.dir=run", *words)
    assert main(["train", *common]) == 0
    return json.loads(Path("run/metrics.json").read_text())["test"]["recall@20"]


@pytest.mark.parametrize("split", SPLITS)
def test_graphsage_places_what_training_does_not_know_above_popularity(split: str, workplace: Path) -> None:
    world = (*SIZE, *SPLITS[split], "batch_size=2048", "trainer.max_epochs=6")
    learnt = recall(split, *world, "model=graphsage", "model.cold=0.5", "model.social=friends", "model.dim=32")
    Path("run").rename("learnt")
    assert learnt > 1.1 * recall(split, *world)


def test_a_user_of_whom_friends_alone_are_known_gets_what_they_play(
    workplace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four circles of 40 friends each play 20 artists of their own, a user 10 of them at random.

    Twenty places hold all that the own circle plays; to popularity the circles are alike, and it catches a
    quarter.
    """
    rng = np.random.default_rng(0)
    plays, links = [], []
    for user in range(160):
        circle = user // 40
        plays += [(user, 20 * circle + artist, 1) for artist in rng.permutation(20)[:10]]
        links += [(user, 40 * circle + friend) for friend in rng.permutation(40)[:6] if friend != user % 40]
    (tmp_path / "data" / "lastfm").mkdir(parents=True)
    halves = {"data1.txt": plays[::2], "test1.txt": plays[1::2], "trustnetwork.txt": links}
    for name, rows in halves.items():
        text = "".join("\t".join(map(str, row)) + "\n" for row in rows)
        (tmp_path / "data" / "lastfm" / name).write_text(text)
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path / "data"))
    world = ("data=lastfm", "split.test=0.2", "encoders/categories=drop", "batch_size=128")
    model = (
        "model=graphsage",
        "model.social=friends",
        "model.cold=0.8",
        "model.cold_items=0.0",
        "model.dim=16",
    )
    learnt = recall("new_users", *world, *model, "trainer.max_epochs=15", "optimizer.lr=1e-2")
    Path("run").rename("learnt")
    assert recall("new_users", *world) < 0.4
    assert learnt > 0.7
