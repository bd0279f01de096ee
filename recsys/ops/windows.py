"""Spans of time as people write them."""

import re
from collections.abc import Mapping, Sequence

from recsys.types import UserError

SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def parse(key: str, windows: Sequence[str]) -> Mapping[str, int | None]:
    """Seconds by window as it is written, each once; None of `all`.

    Args:
        key: of the config, for the message.

    Raises:
        UserError: there is none, or one is no span; names all of them.
    """
    if not windows:
        raise UserError(f"{key}=[]: at least one window, for example [1d,7d,all]")
    wrong = [window for window in windows if not _is_window(window)]
    if wrong:
        raise UserError(
            f"{key}: {', '.join(map(repr, wrong))}: no window; write a number above 0 and one of "
            f"{', '.join(SECONDS)} (30m, 1h, 7d), or all"
        )
    return {window: None if window == "all" else int(window[:-1]) * SECONDS[window[-1]] for window in windows}


def _is_window(window: object) -> bool:
    return window == "all" or bool(re.fullmatch(r"0*[1-9][0-9]{0,9}[smhdw]", str(window)))
