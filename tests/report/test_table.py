"""Independent source: the order written by hand."""

import math

import pytest

from recsys.report.table import Line, ordered


@pytest.mark.parametrize(("higher", "expected"), [(True, [0.9, 0.5, 0.1]), (False, [0.1, 0.5, 0.9])])
def test_runs_whose_metric_is_not_a_number_come_after_the_others(higher: bool, expected: list[float]) -> None:
    found = [0.5, math.nan, 0.9, math.nan, 0.1]
    lines = [Line("refused", {}), *(Line("finished", {}, {"m": value}) for value in found)]
    inorder = ordered(lines, "m", higher_is_better=higher)
    assert [line.values["m"] for line in inorder[:3]] == expected
    assert all(math.isnan(line.values["m"]) for line in inorder[3:5])
    assert inorder[5].state == "refused"
