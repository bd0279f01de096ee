"""Where data and prepared data live."""

import os
from pathlib import Path


def data_home() -> Path:
    """The folder of raw data sets: `RECSYS_DATA`, else `~/.cache/recsys/data`."""
    return Path(os.environ.get("RECSYS_DATA") or "~/.cache/recsys/data").expanduser()


def cache_home() -> Path:
    """The folder of prepared data: `RECSYS_CACHE`, else `~/.cache/recsys`."""
    return Path(os.environ.get("RECSYS_CACHE") or "~/.cache/recsys").expanduser()
