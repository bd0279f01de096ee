"""Against the width that the reader has: no line longer than the screen, no value cut."""

import io
import math

import pytest
from rich.console import Console

from recsys.report.seeds import of_seeds, over_seeds
from recsys.report.table import Line, headline, of_slices, of_sweep, ordered, show_fitting, show_run
from recsys.types import Measurement, Slice

NAMES = [
    "ndcg@10",
    "recall@10",
    "precision@10",
    "hit_rate@10",
    "roc_auc",
    "normalized_entropy",
    "log_loss",
    "ece",
]
LINES = [
    Line("finished", {"model": model, "seed": seed}, dict.fromkeys(NAMES, 0.12345), 3.0)
    for model in ("popularity", "two_tower")
    for seed in ("0", "1")
]
SLICES = [
    Slice("user_activity", group, 7, small=True, values=dict.fromkeys(NAMES, 0.5)) for group in ("1", "2-9")
]


def printed(of, names: list[str], width: int) -> str:
    console = Console(file=io.StringIO(), width=width)
    show_fitting(of, names, console)
    return console.file.getvalue()


@pytest.mark.parametrize("width", [60, 80, 120, 240])
def test_a_sweep_shows_whole_values_and_names_the_rest(width: int) -> None:
    names = headline(LINES, "ndcg@10")
    text = printed(lambda names: of_sweep(LINES, names), names, width)
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    assert all(word in text for word in ["model", "seed", "two_tower", "test ndcg@10", *names])


@pytest.mark.parametrize("width", [60, 80, 240])
def test_slices_and_seeds_fit_too(width: int) -> None:
    spreads = over_seeds(LINES, "ndcg@10", higher_is_better=True)
    for of in (lambda names: of_slices(SLICES, names), lambda names: of_seeds(spreads, names)):
        text = printed(of, NAMES, width)
        assert "…" not in text
        assert max(map(len, text.splitlines())) <= width
        assert all(name in text for name in NAMES)


def test_where_there_is_room_all_metrics_stand_in_the_table() -> None:
    assert "not shown" not in printed(lambda names: of_slices(SLICES, names), NAMES, 240)


@pytest.mark.parametrize(("higher", "expected"), [(True, [0.9, 0.5, 0.1]), (False, [0.1, 0.5, 0.9])])
def test_runs_whose_metric_is_not_a_number_come_after_the_others(higher: bool, expected: list[float]) -> None:
    found = [0.5, math.nan, 0.9, math.nan, 0.1]
    lines = [Line("refused", {}), *(Line("finished", {}, {"m": value}) for value in found)]
    inorder = ordered(lines, "m", higher_is_better=higher)
    assert [line.values["m"] for line in inorder[:3]] == expected
    assert all(math.isnan(line.values["m"]) for line in inorder[3:5])
    assert inorder[5].state == "refused"


def test_slices_of_a_family_without_the_monitored_depth_show_what_it_has(
    capsys: pytest.CaptureFixture[str],
) -> None:
    values = {"ndcg@10": 0.25}
    part = Slice("user_activity", "0", 5, small=False, values=values)
    measured = {"test": {"ranking": Measurement(values, slices=(part,))}}
    show_run(measured, "auc", confidence=0.95)
    table = capsys.readouterr().out.rpartition("slice")[2]
    assert "ndcg@10" in table
    assert "0.2500" in table
