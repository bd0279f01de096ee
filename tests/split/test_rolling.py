"""Folds against a loop over rows, against the temporal split of which one fold is, and against each other."""

from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from recsys.split.rolling import Rolling
from recsys.split.temporal import Temporal
from recsys.types import Events, Split, UserError

Row = tuple[int, int, int, int]
Make = Callable[..., Events]
rows = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 30), st.integers(0, 1)),
    min_size=12,
    max_size=60,
)


def parts(split: Split) -> list[list[int]]:
    return [part.events.log["row"].to_list() for part in (split.train, split.valid, split.test)]


def tried(splitter: Rolling | Temporal, log: Events) -> Split:
    """The split of a log that has rows for every part."""
    try:
        return splitter.split(log)
    except UserError:
        assume(False)
        raise


def slow(log: list[Row], folds: int, fold: int, window: str, gap: int) -> list[list[int]]:
    """Valid 0.1 and test 0.2 of each fold, row by row; a moment is the time of the row at a place in time."""
    ordered = sorted(row[2] for row in log)

    def moment(share: float) -> int:
        return ordered[min(round(len(log) * share), len(log) - 1)]

    left = folds - fold
    valid_from, test_from = moment(1 - 0.1 - left * 0.2), moment(1 - left * 0.2)
    stop = moment(1 - (left - 1) * 0.2) if left > 1 else ordered[-1] + 1
    start = moment(fold * 0.2) if window == "sliding" and fold else 0
    found: list[list[int]] = [[], [], []]
    for number, (_, _, time, _) in enumerate(log):
        if start <= time and time + gap < valid_from:
            found[0].append(number)
        elif valid_from <= time and time + gap < test_from:
            found[1].append(number)
        elif test_from <= time < stop:
            found[2].append(number)
    return found


@given(rows, st.integers(1, 4), st.integers(0, 3), st.sampled_from(["expanding", "sliding"]), st.integers(0, 3))
@settings(deadline=None, max_examples=150)
def test_a_fold_is_the_rule_read_row_by_row(
    events: Make, log: list[Row], folds: int, fold: int, window: str, gap: int
) -> None:
    assume(fold < folds)
    splitter = Rolling(folds=folds, fold=fold, valid=0.1, test=0.2, window=window, gap=gap)  # type: ignore[arg-type]
    split = tried(splitter, events(log))
    assert parts(split) == slow(log, folds, fold, window, gap)
    moments = [[log[row][2] for row in part] for part in parts(split)]
    assert max(moments[0]) + gap < min(moments[1])
    assert max(moments[1]) + gap < min(moments[2])
    out = [int(note.split(" rows ")[0].replace(",", "")) for note in split.notes if "in no part" in note]
    assert sum(out) == len(log) - sum(len(part) for part in parts(split))


@given(rows)
@settings(deadline=None, max_examples=60)
def test_the_last_fold_is_the_temporal_split(events: Make, log: list[Row]) -> None:
    expected = tried(Temporal(valid=0.2, test=0.1), events(log))
    for folds in (1, 3):
        split = tried(Rolling(folds=folds, fold=folds - 1, valid=0.2, test=0.1), events(log))
        assert parts(split) == parts(expected)


@given(rows)
@settings(deadline=None, max_examples=60)
def test_the_tests_of_all_folds_follow_each_other_and_leave_nothing_out(events: Make, log: list[Row]) -> None:
    tests = [
        parts(tried(Rolling(folds=3, fold=fold, valid=0.1, test=0.2), events(log)))[2] for fold in range(3)
    ]
    seconds = [[log[row][2] for row in test] for test in tests]
    assert max(seconds[0]) < min(seconds[1])
    assert max(seconds[1]) < min(seconds[2])
    together = sorted(row for test in tests for row in test)
    assert together == [number for number, row in enumerate(log) if row[2] >= min(seconds[0])]


def test_a_window_expands_or_slides(events: Make) -> None:
    log = events([(n % 4, n % 5, n, 1) for n in range(100)])

    def train(fold: int, window: str) -> list[int]:
        return parts(Rolling(fold=fold, window=window).split(log))[0]  # type: ignore[arg-type]

    assert [len(train(fold, "expanding")) for fold in range(3)] == [60, 70, 80]
    assert [(min(t), max(t)) for t in (train(fold, "sliding") for fold in range(3))] == [
        (0, 59),
        (10, 69),
        (20, 79),
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"fold": 3}, r"split\.fold=3: there are split\.folds=3; write a number from 0 to 2"),
        ({"folds": 9, "test": 0.1}, r"valid \+ folds \* test below 1"),
        ({"test": 0.0}, "above 0"),
    ],
)
def test_impossible_folds_are_refused(arguments: dict[str, float], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Rolling(**arguments)  # type: ignore[arg-type]


def test_a_gap_that_leaves_nothing_names_itself(events: Make) -> None:
    with pytest.raises(UserError, match=r"no rows of 100; change .*split\.gap"):
        Rolling(gap=50).split(events([(0, 0, n, 1) for n in range(100)]))
