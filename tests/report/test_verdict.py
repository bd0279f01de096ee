"""What a person reads of a comparison, whose numbers are written down here by hand."""

import io
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from recsys.report import verdict
from recsys.report.compare import Comparison, Difference, Mean
from recsys.report.groups import Group
from recsys.report.runs import Run


def group(letter: str, seeds: int) -> Group:
    run = Run(Path(letter), {}, {}, "ndcg@10", {})
    return Group(letter, f"model={letter}", (run,) * seeds)


def compared(value: float, adjusted: float, *, higher: bool | None = True, moved: float = 0.001) -> Comparison:
    first = Mean(group("A", 2), "precision@10", 0.2, 0.1, 0.3, (0.2 - moved, 0.2 + moved))
    second = Mean(group("B", 2), "precision@10", 0.2 - value, 0.1, 0.3, (0.2 - value, 0.2 - value))
    ends = (value - 0.005, value + 0.005)
    difference = Difference(first, second, value, *ends, adjusted / 2, adjusted, 0.0123, higher)
    return Comparison((first.group, second.group), (first, second), (difference,), 943, "bootstrap")


def drawn(table: Table, width: int) -> str:
    sink = io.StringIO()
    Console(width=width, file=sink).print(table)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("value", "higher", "said"),
    [
        (0.02, True, "A is better than B on precision@10 by 0.0200 [0.0150, 0.0250]"),
        (-0.02, True, "B is better than A on precision@10 by 0.0200 [0.0150, 0.0250]"),
        (0.02, False, "B is better than A on precision@10 by 0.0200 [0.0150, 0.0250]"),
        (-0.02, False, "A is better than B on precision@10 by 0.0200 [0.0150, 0.0250]"),
        (0.02, None, "A is higher than B on precision@10 by 0.0200 [0.0150, 0.0250]"),
        (-0.02, None, "B is higher than A on precision@10 by 0.0200 [0.0150, 0.0250]"),
    ],
)
def test_the_better_one_comes_first_and_the_difference_is_positive(
    value: float, higher: bool | None, said: str
) -> None:
    assert verdict.sentences(compared(value, 0.04, higher=higher)) == [f"{said}, p = 0.040: real"]


def test_a_p_above_the_level_shows_nothing() -> None:
    (sentence,) = verdict.sentences(compared(0.02, 0.051))
    assert sentence == (
        "A and B on precision@10: +0.0200 [0.0150, 0.0250], p = 0.051: no difference shown; "
        "with these 943 users a difference below about 0.0123 would not be seen"
    )


def test_seeds_that_move_more_than_the_difference_are_named() -> None:
    # Seeds at 0.2 ± 0.05 have a variance of 0.005, over 2 seeds 0.0025; t with 1 degree of freedom is 12.706.
    (sentence,) = verdict.sentences(compared(0.02, 0.01, moved=0.05))
    assert sentence.endswith(": real of these trained models, but seeds move it by ± 0.6353: add seeds")


def test_tables_are_whole_at_80_columns() -> None:
    comparison = compared(-0.02, 0.00001)
    for table in (verdict.means(comparison), verdict.differences(comparison)):
        text = drawn(table, 80)
        assert text == drawn(table, 120)
        assert max(len(line) for line in text.splitlines()) <= 80
    assert "<0.001" in drawn(verdict.differences(comparison), 80)
