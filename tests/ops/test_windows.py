"""Against datetime.timedelta."""

from datetime import timedelta

import pytest

from recsys.ops import windows
from recsys.types import UserError


def test_a_window_is_as_long_as_its_unit_says() -> None:
    expected = {
        "45s": timedelta(seconds=45),
        "30m": timedelta(minutes=30),
        "12h": timedelta(hours=12),
        "7d": timedelta(days=7),
        "2w": timedelta(weeks=2),
    }
    assert windows.parse("it", list(expected)) == {name: of.total_seconds() for name, of in expected.items()}


def test_all_has_no_end_and_a_window_written_twice_is_one() -> None:
    assert windows.parse("it", ["all", "1d", "all"]) == {"all": None, "1d": 86_400}


@pytest.mark.parametrize("window", ["", "d", "0d", "-1d", "1.5h", "7 d", "1y", "ALL", "1dd", "7", 7])
def test_what_is_no_window_is_refused_by_name(window: str) -> None:
    with pytest.raises(UserError, match=r"^features\.counters\.windows: .*no window; write a number") as caught:
        windows.parse("features.counters.windows", ["1d", window])
    assert repr(window) in str(caught.value)


def test_no_window_at_all_is_refused() -> None:
    with pytest.raises(UserError, match="at least one window"):
        windows.parse("it", [])
