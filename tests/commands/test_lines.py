"""Against the width that a terminal states, and against the words as they were given."""

import sys

import pytest

from recsys.commands._lines import broken

LINE = "note      rows in the second of the cut: 10 where valid begins, whatever-their-order in the log"


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_terminal_gets_whole_words_within_its_width(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = broken(LINE, 10).splitlines()
    assert max(map(len, lines)) <= columns
    assert all(line.startswith(" " * 10) for line in lines[1:])
    assert " ".join(lines).split() == LINE.split()


def test_a_file_gets_the_line_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False)
    monkeypatch.setenv("COLUMNS", "20")
    assert broken(LINE, 10) == LINE
