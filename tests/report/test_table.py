"""Against the width that the reader has: no line longer than the screen, no value cut."""

import io

import pytest
from rich.console import Console

from recsys.report.seeds import of_seeds, over_seeds
from recsys.report.table import Line, headline, of_slices, of_sweep, show_fitting
from recsys.types import Slice

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
    file = io.StringIO()
    show_fitting(of, names, Console(file=file, width=width))
    return file.getvalue()


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
