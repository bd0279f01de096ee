"""Schedules against torch's schedulers, and through runs that stop and go on."""

import csv
import json
import math
from pathlib import Path

import pytest
import torch
from torch.optim import lr_scheduler

from recsys.commands import main
from recsys.schedule import Schedule
from recsys.schedule.cosine import Cosine
from recsys.schedule.linear_warmup import LinearWarmup
from recsys.schedule.none import NoSchedule
from recsys.schedule.reduce_on_plateau import ReduceOnPlateau
from recsys.schedule.step import Step

BATCHES, EPOCHS = 4, 5


def torchs(make, *, per_epoch: bool = False) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler, rates = make(optimizer), []
    for step in range(BATCHES * EPOCHS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if not per_epoch or (step + 1) % BATCHES == 0:
            scheduler.step()
    return rates


def ours(schedule: Schedule) -> list[float]:
    return [schedule.factor(step, BATCHES) for step in range(BATCHES * EPOCHS)]


def test_no_schedule_changes_nothing() -> None:
    assert ours(NoSchedule()) == [1.0] * 20


def test_cosine_is_torchs() -> None:
    expected = torchs(lambda o: lr_scheduler.CosineAnnealingLR(o, BATCHES * EPOCHS, eta_min=0.1))
    assert ours(Cosine(epochs=EPOCHS, floor=0.1)) == pytest.approx(expected)


def test_cosine_after_a_warm_up_is_torchs_sequence() -> None:
    def make(optimizer):
        warm = lr_scheduler.LinearLR(optimizer, start_factor=1 / 6, total_iters=5)
        fall = lr_scheduler.CosineAnnealingLR(optimizer, BATCHES * EPOCHS - 6)
        return lr_scheduler.SequentialLR(optimizer, [warm, fall], milestones=[6])

    assert ours(Cosine(epochs=EPOCHS, warmup=6)) == pytest.approx(torchs(make))


def test_cosine_stays_at_its_floor_afterwards() -> None:
    assert Cosine(epochs=2, floor=0.2).factor(999, BATCHES) == pytest.approx(0.2)


def test_linear_warmup_is_torchs() -> None:
    expected = torchs(lambda o: lr_scheduler.LinearLR(o, start_factor=1 / 8, total_iters=7))
    assert ours(LinearWarmup(steps=8)) == pytest.approx(expected)


def test_step_is_torchs() -> None:
    expected = torchs(lambda o: lr_scheduler.StepLR(o, 2, gamma=0.3), per_epoch=True)
    assert ours(Step(every=2, gamma=0.3)) == pytest.approx(expected)


@pytest.mark.parametrize("higher", [True, False])
def test_reduce_on_plateau_is_torchs(higher: bool) -> None:
    values = [0.1, 0.2, 0.2, 0.19, 0.18, 0.3, 0.29, 0.28, 0.27, 0.26, 0.25]
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    mode = "max" if higher else "min"
    theirs = lr_scheduler.ReduceLROnPlateau(optimizer, mode, factor=0.5, patience=1, threshold=0)
    schedule = ReduceOnPlateau(patience=1)
    for value in values if higher else [-v for v in values]:
        theirs.step(value)
        schedule.see(value, higher_is_better=higher)
        schedule, before = ReduceOnPlateau(patience=1), schedule.state()
        schedule.restore(before)
        assert schedule.factor(0, BATCHES) == optimizer.param_groups[0]["lr"]


def rates(folder: str) -> list[float]:
    with Path(folder, "curves.csv").open() as file:
        return [float(row["value"]) for row in csv.DictReader(file) if row["metric"] == "train/lr"]


def test_the_rate_of_each_epoch_is_logged(workplace: Path, tiny: list[str]) -> None:
    words = [
        *tiny,
        "model=mf",
        "schedule=step",
        "schedule.every=1",
        "trainer.max_epochs=3",
        "optimizer.lr=0.01",
    ]
    assert main(["train", *words, "hydra.run.dir=run", "optimizer.embedding_decay=0.01"]) == 0
    assert rates("run") == pytest.approx([0.01, 0.005, 0.0025])


def test_a_cosine_ends_with_the_last_of_the_accumulated_steps(workplace: Path, tiny: list[str]) -> None:
    words = ["model=mf", "schedule=cosine", "+trainer.accumulate_grad_batches=3", "trainer.max_epochs=2"]
    assert main(["train", *tiny, *words, "optimizer.lr=0.01", "hydra.run.dir=run"]) == 0
    steps = torch.load("run/checkpoints/last.ckpt", weights_only=True)["global_step"]
    shares = [(steps / 2 - 1) / steps, (steps - 1) / steps]
    assert rates("run") == pytest.approx([0.005 * (1 + math.cos(math.pi * share)) for share in shares])


@pytest.mark.parametrize(
    "words",
    [
        ["schedule=cosine", "schedule.epochs=4", "schedule.warmup=3"],
        ["schedule=cosine", "schedule.epochs=4", "+trainer.accumulate_grad_batches=2"],
        ["schedule=reduce_on_plateau", "schedule.patience=0", "schedule.min_delta=1.0"],
    ],
    ids=["cosine", "cosine accumulated", "reduce_on_plateau"],
)
def test_a_run_goes_on_with_the_same_rates(words: list[str], workplace: Path, tiny: list[str]) -> None:
    words = [*tiny, "model=mf", *words]
    assert main(["train", *words, "trainer.max_epochs=4", "hydra.run.dir=whole"]) == 0
    assert main(["train", *words, "trainer.max_epochs=2", "hydra.run.dir=parts"]) == 0
    assert main(["train", "ckpt_path=parts/checkpoints/last.ckpt", "trainer.max_epochs=4"]) == 0
    whole, parts = (json.loads(Path(name, "metrics.json").read_text()) for name in ("whole", "parts"))
    assert whole == parts
    assert rates("whole") == pytest.approx(rates("parts"), rel=1e-12)
    assert len(set(rates("whole"))) > 2


def test_only_epochs_that_were_validated_are_seen(workplace: Path, tiny: list[str]) -> None:
    """No later metric is better by 1 than the first, of epoch 2, so each later one halves the rate."""
    words = [*tiny, "model=mf", "schedule=reduce_on_plateau", "schedule.patience=0", "schedule.min_delta=1.0"]
    words += ["trainer.check_val_every_n_epoch=2", "optimizer.lr=0.01", "metrics=ranking"]
    assert main(["train", *words, "trainer.max_epochs=5", "hydra.run.dir=run"]) == 0
    assert main(["train", "ckpt_path=run/checkpoints/last.ckpt", "trainer.max_epochs=8"]) == 0
    assert rates("run") == pytest.approx([0.01, 0.01, 0.01, 0.01, 0.005, 0.005, 0.0025, 0.0025])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["schedule=cosin"], "did you mean 'cosine'?"),
        (["schedule=step", "schedule.gamma=2"], "schedule.gamma=2"),
        (["schedule=linear_warmup", "schedule.steps=0"], "schedule.steps=0"),
        (["schedule._target_=torch.optim.lr_scheduler.StepLR"], "schedule._target_"),
    ],
)
def test_a_mistake_names_the_key(
    words: list[str], said: str, workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *words]) == 2
    assert said in capsys.readouterr().err
