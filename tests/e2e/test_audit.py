"""A run says what its split lets train know, and does not start where a promise is broken."""

import json
import statistics
from pathlib import Path
from typing import final

import pytest

from recsys.commands import main
from recsys.ops.splits import TEST, TRAIN, VALID, cut
from recsys.split import Splitter
from recsys.split.temporal import Temporal
from recsys.types import Events, Promise, Split

QUICK = ["model=popularity", "metrics=ranking"]


@final
class Leaky(Splitter):
    """By time, but one row of the last second is in train."""

    promises: frozenset[Promise] = frozenset({"time"})

    def split(self, events: Events) -> Split:
        marks = [TRAIN] * len(events.log)
        honest = Temporal().split(events)
        sizes = [len(part.events.log) for part in (honest.train, honest.valid, honest.test)]
        marks = [TRAIN] * sizes[0] + [VALID] * sizes[1] + [TEST] * sizes[2]
        marks[-1] = TRAIN
        import polars as pl

        return cut(events, pl.Series(marks), [])


@pytest.fixture
def leaky(workplace: Path) -> list[str]:
    folder = workplace.parent / "conf" / "split"
    folder.mkdir(parents=True)
    (folder / "leaky.yaml").write_text(f"# Leaky.\n_target_: {__name__}.Leaky\n")
    return ["split=leaky", "--config-dir", str(folder.parent)]


def test_a_split_that_breaks_its_promise_starts_no_run_and_leaves_nothing(
    leaky: list[str], tiny: list[str], workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", *tiny, *QUICK, *leaky]) == 2
    error = capsys.readouterr().err
    assert "error: split=leaky: train_after: 1 of" in error
    assert "training rows are not before the first held-out row" in error
    assert "no result could be believed" in error
    assert list(workplace.iterdir()) == []


def test_the_command_shows_the_leak_and_is_exit_status_1(
    leaky: list[str], tiny: list[str], workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", *tiny, *leaky]) == 1
    out = capsys.readouterr().out
    (line,) = [line for line in out.splitlines() if "train_after " in line]
    assert line.startswith("broken")
    assert "are leaks" in out


def test_a_split_that_leaks_by_design_runs_and_says_so(
    tiny: list[str], workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", *tiny, *QUICK, "split=random", "hydra.run.dir=run"]) == 0
    out = capsys.readouterr().out
    assert "note      audit: leak: " in out
    written = {one["name"]: one for one in json.loads(Path("run/audit.json").read_text())}
    assert written["train_after"]["severity"] == "leak"
    assert not written["train_after"]["broken"]
    assert written["train_after"]["sentence"] in out
    notes = json.loads(Path("run/status.json").read_text())["notes"]
    assert f"audit: leak: {written['train_after']['sentence']}" in notes
    assert main(["audit", *tiny, "split=random"]) == 1


@pytest.mark.parametrize(
    "split",
    [
        ["split=temporal"],
        ["split=leave_last_out"],
        ["split=rolling", "split.fold=1"],
        ["split=rolling", "split.window=sliding", "split.fold=2", "split.gap=3600"],
        ["split=new_items", "split.by=time"],
    ],
    ids=" ".join,
)
def test_splits_in_time_have_no_leak(
    split: list[str], tiny: list[str], workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", *tiny, *split]) == 0
    assert "no leak was found" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["split=rolling"],
        ["split=new_users", "model=two_tower", "encoders/id=drop"],
        ["split=new_items", "model=two_tower", "encoders/id=drop", "eval.candidates=new_items"],
        ["split=new_items", "split.by=time", "eval.candidates=new_items"],
    ],
    ids=" ".join,
)
def test_each_new_split_trains_and_is_measured(
    words: list[str], tiny: list[str], workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", *tiny, "trainer.max_epochs=1", *words, "hydra.run.dir=run"]) == 0
    metrics = json.loads(Path("run/metrics.json").read_text())
    assert 0 < metrics["test"]["recall@10"] <= 1
    assert "note      audit: " in capsys.readouterr().out


def test_a_sweep_over_folds_measures_each(
    tiny: list[str], workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "-m", *tiny, *QUICK, "split=rolling", "split.fold=0,1,2", "hydra.sweep.dir=sweep"]
    assert main(words) == 0
    notes = [json.loads(Path(f"sweep/{n}/status.json").read_text())["notes"] for n in range(3)]
    tests = [next(note for note in of if note.startswith("fold ")) for of in notes]
    assert [note.split(" (")[0] for note in tests] == [f"fold {n} of 3" for n in range(3)]
    begins = [note.split("test from ")[1].split(" until before ") for note in tests]
    assert [ends[1] for ends in begins[:2]] == [ends[0] for ends in begins[1:]]
    values = [json.loads(Path(f"sweep/{n}/metrics.json").read_text())["test"]["ndcg@10"] for n in range(3)]
    assert "mean ± standard deviation over folds" in capsys.readouterr().out
    assert f"| 3 | {statistics.fmean(values):.4f} ± {statistics.stdev(values):.4f} |" in _row("sweep/table.md")


def _row(file: str) -> str:
    """The last row, up to the metric that the runs were chosen by."""
    lines = Path(file).read_text().splitlines()
    header = next(line for line in lines if line.startswith("| folds |")).split(" | ")
    place = header.index("test ndcg@10")
    return " | ".join([lines[-1].split(" | ")[0], lines[-1].split(" | ")[place]]) + " |"


def test_the_command_takes_one_split_and_refuses_what_cannot_be_split(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "-m", "split=random,temporal"]) == 2
    assert "leave out -m" in capsys.readouterr().err
    table = ["data=table", "data.events=log.csv", "data.columns={user:{u:id},item:{i:id}}"]
    assert main(["audit", *table, "split=temporal"]) == 2
    assert "split=temporal needs a time for each event" in capsys.readouterr().err
    assert main(["audit", "--help"]) == 0
    assert "recsys audit" in capsys.readouterr().out
