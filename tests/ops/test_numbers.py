"""The quick reader of numbers against the exact one: the same frame, or None where that one has to be asked."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from recsys.ops.frames import read_frame
from recsys.ops.lines import Dialect
from recsys.ops.numbers import read_numbers
from recsys.types import ColumnType

TYPES: dict[str, ColumnType] = {"user": "id", "item": "id", "at": "time", "rating": "number"}
NAMES = ("user", "item", "rating", "at")
DIALECTS = [Dialect(), Dialect("\t", NAMES, quoted=False), Dialect("::", NAMES), Dialect(":::", NAMES)]
numbers = st.integers(0, 10**10)
table = st.lists(st.tuples(numbers, numbers, st.integers(0, 10).map(lambda n: n / 2), numbers), min_size=1)


def write(file: Path, dialect: Dialect, rows: list[tuple[object, ...]]) -> None:
    lines = [NAMES, *rows] if dialect.header is None else rows
    text = "\n".join((dialect.separator or ",").join(map(str, line)) for line in lines)
    file.write_text(text + "\n")


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: repr(d.separator))
@given(rows=table)
@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_readers_give_the_same(tmp_path: Path, dialect: Dialect, rows: list[tuple[object, ...]]) -> None:
    write(tmp_path / "log.txt", dialect, rows)
    quick = read_numbers(tmp_path / "log.txt", dialect, TYPES)
    assert quick is not None
    assert_frame_equal(quick, read_frame([tmp_path / "log.txt"], dialect, TYPES, event_time="at"))


ODD: list[tuple[object, ...]] = [
    (1, 2, 3.0),
    (1, 2, 3.0, 4, 5),
    ("", 2, 3.0, 4),
    (1, "x", 3.0, 4),
    (1, 2.5, 3.0, 4),
    (1, 2, "NaN", 4),
    (1, 2, "inf", 4),
    (1, 2, "", 4),
    (1, 2, 3.0, -4),
    (1, 2, 3.0, 881250949000),
    (1, 2, 3.0, ""),
    (),
]


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: repr(d.separator))
@pytest.mark.parametrize("row", ODD, ids=str)
def test_an_odd_line_is_left_to_the_exact_reader(
    tmp_path: Path, dialect: Dialect, row: tuple[object, ...]
) -> None:
    write(tmp_path / "log.txt", dialect, [(1, 2, 3.0, 4), row, (1, 2, 3.0, 4)])
    assert read_numbers(tmp_path / "log.txt", dialect, TYPES) is None


def test_half_a_separator_is_odd(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text("1::2::3::4\n1:2::3::4\n1::2:x:3::4\n")
    assert read_numbers(tmp_path / "log.txt", DIALECTS[2], TYPES) is None


def test_what_is_not_there_is_left_to_the_exact_reader(tmp_path: Path) -> None:
    assert read_numbers(tmp_path / "log.txt", Dialect(), TYPES) is None
    (tmp_path / "log.txt").write_text("")
    assert read_numbers(tmp_path / "log.txt", Dialect(), TYPES) is None
    (tmp_path / "log.txt").write_text("user,item,rating,when\n1,2,3,4\n")
    assert read_numbers(tmp_path / "log.txt", Dialect(), TYPES) is None
