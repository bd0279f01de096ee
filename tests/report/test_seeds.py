"""Rows over seeds against numpy's mean and standard deviation."""

from pathlib import Path

import numpy as np
import pytest

from recsys.report import seeds, table
from recsys.report.table import Line

VALUES = {("mf", "0"): 0.1, ("mf", "1"): 0.2, ("mf", "2"): 0.4, ("deepfm", "0"): 0.3, ("deepfm", "1"): 0.3}


def lines() -> list[Line]:
    found = [
        Line("finished", {"model": model, "seed": seed}, {"ndcg@10": value, "f1": 1 - value})
        for (model, seed), value in VALUES.items()
    ]
    return [*found, Line("failed", {"model": "deepfm", "seed": "2"}, reason="x")]


def test_runs_that_are_equal_but_for_the_seed_are_one_row() -> None:
    best, other = seeds.over_seeds(lines(), "ndcg@10", higher_is_better=True)
    assert (best.choices, best.seeds) == ({"model": "deepfm"}, 2)
    assert best.values["ndcg@10"] == (0.3, 0.0)
    mf = [0.1, 0.2, 0.4]
    assert (other.choices, other.seeds) == ({"model": "mf"}, 3)
    assert other.values["ndcg@10"] == pytest.approx((np.mean(mf), np.std(mf, ddof=1)))


def test_the_best_row_is_first_also_where_lower_is_better() -> None:
    rows = seeds.over_seeds(lines(), "ndcg@10", higher_is_better=False)
    assert [row.choices["model"] for row in rows] == ["mf", "deepfm"]


@pytest.mark.parametrize(
    "choices", [[{"model": "mf"}, {"model": "deepfm"}], [{"m": "a", "seed": "0"}, {"m": "b", "seed": "1"}]]
)
def test_without_a_second_seed_there_is_no_table(choices: list[dict[str, str]]) -> None:
    runs = [Line("finished", each, {"f1": 1.0}) for each in choices]
    assert seeds.over_seeds(runs, "f1", higher_is_better=True) == []
    assert seeds.markdown([]) == ""


def test_folds_are_repeats_too_and_are_named() -> None:
    runs = [Line("finished", {"model": m, "split.fold": f}, {"ndcg@10": v}) for (m, f), v in VALUES.items()]
    assert seeds.over_seeds(runs, "ndcg@10", higher_is_better=True) == []
    rows = seeds.over_seeds(runs, "ndcg@10", higher_is_better=True, key="split.fold")
    assert [(row.choices["model"], row.seeds, row.of) for row in rows] == [
        ("deepfm", 2, "folds"),
        ("mf", 3, "folds"),
    ]
    assert rows[1].values["ndcg@10"] == pytest.approx(
        (np.mean([0.1, 0.2, 0.4]), np.std([0.1, 0.2, 0.4], ddof=1))
    )
    text = seeds.markdown(rows)
    assert "Mean ± standard deviation over folds:" in text
    assert "| model | folds | test ndcg@10 |" in text


def test_a_single_seed_has_no_deviation() -> None:
    runs = [*lines(), Line("finished", {"model": "popularity", "seed": "0"}, {"ndcg@10": 0.05})]
    row = seeds.over_seeds(runs, "ndcg@10", higher_is_better=True)[-1]
    assert (row.seeds, row.values) == (1, {"ndcg@10": (0.05, None)})


def test_markdown_follows_the_table_of_the_sweep(tmp_path: Path) -> None:
    rows = seeds.over_seeds(lines(), "ndcg@10", higher_is_better=True)
    table.write(lines(), tmp_path, below=seeds.markdown(rows))
    text = (tmp_path / "table.md").read_text()
    assert "| mf | 0 | 0.1000 | 0.9000 |" in text
    assert "| model | seeds | test ndcg@10 | test f1 |" in text
    assert text.endswith("| mf | 3 | 0.2333 ± 0.1528 | 0.7667 ± 0.1528 |\n")


def test_a_sweep_over_seeds_alone_is_one_row() -> None:
    runs = [Line("finished", {"seed": str(n)}, {"f1": value}) for n, value in enumerate((0.5, 0.7))]
    (row,) = seeds.over_seeds(runs, "f1", higher_is_better=True)
    assert (row.choices, row.seeds) == ({}, 2)
    shown = seeds.of_seeds([row], ["f1"])
    assert [column.header for column in shown.columns] == ["seeds", "test f1"]
