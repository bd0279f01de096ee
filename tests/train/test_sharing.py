"""Two processes against one: shares of a slate by hand, and whole runs."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from recsys.commands import main
from recsys.train.sharing import share
from recsys.types import Slate


def slate(rows: int, *, shared: bool = False) -> Slate:
    generator = torch.Generator().manual_seed(0)
    items = torch.randint(0, 9, (rows,) if shared else (rows, 3), generator=generator)
    cells = (rows, rows) if shared else (rows, 3)
    labels = torch.rand(cells, generator=generator)
    log_q = torch.rand(rows if shared else cells, generator=generator)
    context = {"device": torch.arange(rows)}
    features = {"age": torch.rand(*items.shape, 2, generator=generator)}
    times = torch.arange(rows)
    return Slate(
        torch.arange(rows), items, labels, labels > 0.2, labels, log_q, times, context, features=features
    )


@pytest.mark.parametrize("shared", [False, True])
def test_the_shares_together_are_the_slate(shared: bool) -> None:
    whole = slate(6, shared=shared)
    parts = [share(whole, rank, 2) for rank in range(2)]
    assert [part.user.tolist() for part in parts] == [[0, 2, 4], [1, 3, 5]]
    for part in parts:
        assert torch.equal(part.labels, whole.labels[part.user])
        assert torch.equal(part.mask, whole.mask[part.user])
        assert torch.equal(part.context["device"], part.user)
        assert torch.equal(part.items, whole.items if shared else whole.items[part.user])
        age = whole.features["age"]
        assert torch.equal(part.features["age"], age if shared else age[part.user])
        assert part.log_q is not None
        assert whole.log_q is not None
        assert torch.equal(part.log_q, whole.log_q if shared else whole.log_q[part.user])


def test_shares_are_equally_large() -> None:
    assert [len(share(slate(8), rank, 3).user) for rank in range(3)] == [2, 2, 2]


def test_fewer_queries_than_processes_are_everybodys() -> None:
    assert [len(share(slate(1), rank, 2).user) for rank in range(2)] == [1, 1]


def values(folder: str) -> dict[str, Any]:
    families = json.loads(Path(folder, "metrics.json").read_text())["test"]
    return json.loads(json.dumps(families))


def numbers(tree: Any) -> list[float]:
    if isinstance(tree, dict):
        return [number for key in sorted(tree) for number in numbers(tree[key])]
    return [float(tree)] if isinstance(tree, (int, float)) else []


@pytest.mark.parametrize(
    "words",
    [
        ["model=mf", "sampling=uniform", "loss=bpr", "optimizer=sparse_adam", "trainer.gradient_clip_val=1.0"],
        ["model=mf", "sampling=none", "loss=bce"],
        [
            "model=two_tower",
            "model.decay=0.5",
            "sampling=in_batch",
            "loss=infonce",
            "features=[counters]",
            "batch_size=64",
        ],
    ],
    ids=["bpr", "bce", "shared candidates, their features and decay, and queries as each other's negatives"],
)
def test_two_processes_train_to_the_metrics_of_one(
    words: list[str], workplace: Path, tiny: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    words = [*tiny, *words, "optimizer.lr=0.01", "metrics=ranking"]
    epochs = "trainer.max_epochs=2"
    assert main(["train", *words, epochs, "hydra.run.dir=one"]) == 0
    alone = capfd.readouterr()
    assert main(["train", *words, "trainer=ddp", epochs, "hydra.run.dir=two"]) == 0
    # What the processes write to the screen themselves is no more than one process writes.
    assert capfd.readouterr().err.splitlines() == alone.err.splitlines()
    one, two = numbers(values("one")), numbers(values("two"))
    assert one
    assert two == pytest.approx(one, abs=1e-3)
    assert sorted(file.name for file in Path("one").rglob("*")) == sorted(
        f.name for f in Path("two").rglob("*")
    )


def test_a_sweep_is_not_run_again_in_its_processes(workplace: Path, tiny: list[str]) -> None:
    words = [*tiny, "model=mf", "metrics=ranking", "trainer=ddp", "trainer.max_epochs=1"]
    assert main(["train", "-m", *words, "seed=0,1", "hydra.sweep.dir=sweep"]) == 0
    runs = sorted(Path("sweep").glob("*/status.json"))
    assert [json.loads(run.read_text())["state"] for run in runs] == ["finished", "finished"]
    assert [path.name for path in Path().iterdir()] == ["sweep"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["trainer.devices=2", "trainer.accelerator=cpu"], "trainer.strategy: DDPStrategy would run the whole"),
        (["trainer=ddp", "trainer.strategy=ddp"], "trainer.strategy: DDPStrategy would run the whole"),
        (["trainer=ddp", "logger=[wandb]"], "logger=wandb"),
        (["trainer=ddp", "trainer.devices=0"], "trainer"),
    ],
)
def test_what_cannot_work_is_refused(
    words: list[str], said: str, workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *words]) == 2
    said_where = capsys.readouterr()
    assert said in said_where.out + said_where.err
