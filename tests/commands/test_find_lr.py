"""The learning-rate range test on a loss whose right rates are known by hand."""

import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from recsys.commands import main
from recsys.range_test import Curve, Rising


def test_the_suggestion_is_where_the_loss_falls_fastest() -> None:
    rates = np.geomspace(1e-4, 1, 101)
    losses = 1 - 1 / (1 + np.exp(-4 * (np.log10(rates) + 2)))
    found = Curve(rates.tolist(), losses.tolist()).suggestion
    assert found == pytest.approx(1e-2, rel=0.1)


def test_a_loss_that_never_falls_gives_none() -> None:
    assert Curve([0.1, 0.2, 0.3, 0.4], [1.0, 1.0, 2.0, 3.0]).suggestion is None


@pytest.mark.parametrize(
    ("losses", "steps"),
    [
        ([1.0 - 0.1 * step for step in range(40)], 40),
        ([-1.0] * 40, 40),
        ([1.0] * 10 + [100.0] * 30, 10),
        ([1.0 - 0.2 * step for step in range(20)] + [100.0] * 20, 20),
    ],
    ids=["falls below 0", "stays below 0", "runs away", "runs away from below 0"],
)
def test_it_stops_where_the_loss_runs_away(losses: list[float], steps: int) -> None:
    rising, trainer = Rising([0.1] * len(losses)), SimpleNamespace(should_stop=False)
    for loss in losses:
        if not trainer.should_stop:
            rising.on_train_batch_end(trainer, None, {"loss": loss}, None, 0)  # type: ignore[arg-type]
    assert len(rising.losses) == steps


def test_a_rate_is_found_by_single_batches_and_nothing_written(
    workplace: Path, tiny: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*tiny, "model=mf", "loss=bpr", "--steps", "60", "--from", "1e-4"]
    assert main(["find-lr", *words]) == 0
    first = capsys.readouterr().out
    rate = float(first.rpartition("optimizer.lr=")[2])
    assert 1e-3 < rate < 1
    assert list(workplace.iterdir()) == []
    assert main(["find-lr", *words, "+trainer.accumulate_grad_batches=2"]) == 0
    assert capsys.readouterr().out == first


def test_an_unknown_option_is_one_of_find_lr(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["find-lr", "--frm", "3"])
    assert "recsys find-lr: error: unrecognized arguments: --frm" in capsys.readouterr().err


def test_a_warm_start_begins_with_the_loss_of_its_run(
    workplace: Path, tiny: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*tiny, "model=mf", "loss=bpr", "sampling.negatives=1", "metrics=ranking"]
    assert main(["train", *words, "trainer.max_epochs=15", "optimizer.lr=0.05", "hydra.run.dir=before"]) == 0
    losses = []
    for more in ([], ["warm_start=before"]):
        capsys.readouterr()
        assert main(["find-lr", *words, *more, "--steps", "10", "--from", "1e-9", "--to", "1e-8"]) in (0, 1)
        losses.append(float(capsys.readouterr().out.splitlines()[1].split()[1]))
    assert losses[0] == pytest.approx(math.log(2), abs=0.02)
    assert losses[1] < losses[0] - 0.02


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ckpt_path=run/checkpoints/last.ckpt"], "ckpt_path: a run goes on with its own learning rate"),
        (["--from", "1", "--to", "0.1"], "--from 1 --to 0.1"),
        (["--steps", "2"], "--steps 2"),
        (["model=popularity"], "model=popularity: it is fitted in one step"),
        (["-m", "seed=0,1"], "leave out -m"),
        (["optimzer.lr=1"], "did you mean 'optimizer'?"),
    ],
)
def test_a_mistake_names_the_key(
    words: list[str], said: str, workplace: Path, tiny: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["find-lr", *tiny, *words]) == 2
    assert said in capsys.readouterr().err
