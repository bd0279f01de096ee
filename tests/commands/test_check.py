"""What `recsys check` says beside valid and refused; the samplers are those that docs/sampling.md says draw."""

from pathlib import Path

import pytest

from recsys.commands import main

DRAWING = (
    "uniform",
    "popularity",
    "cluster",
    "shared",
    "in_batch",
    "mixed",
    "cross_batch",
    "hard",
    "impressions",
)


def said(words: list[str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert main(["check", *words]) == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("sampling", DRAWING)
def test_a_sampler_that_reduces_grades_is_remarked(
    sampling: str, workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["model=mf", "loss=softmax_ce", "label=graded", f"sampling={sampling}"]
    note = f"  note: sampling={sampling} makes labels of 0 and 1 of the grades; sampling=page keeps them"
    assert said(words, capsys)[1:-1] == [note]


@pytest.mark.parametrize(
    "words",
    [
        ["label=graded", "sampling=page", "loss=lambdarank"],
        ["label=graded", "sampling=none", "loss=mse"],
        ["label=click", "sampling=uniform", "loss=softmax_ce"],
    ],
    ids=lambda words: " ".join(words),
)
def test_where_no_grade_is_lost_nothing_is_remarked(
    words: list[str], workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(["model=mf", *words], capsys)[1:-1] == []


def test_a_model_that_is_fitted_without_samples_has_no_remark_of_sampling(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notes = said(["model=popularity", "label=graded", "sampling=uniform"], capsys)[1:-1]
    unused = "sampling, loss, optimizer and features are not used"
    assert notes == [f"  note: model=popularity is fitted in one step: {unused}"]
