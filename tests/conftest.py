"""Fixtures that several test folders use."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def recsys_data() -> Path:
    """The folder of real data sets that `RECSYS_DATA` names; skips where there is none."""
    folder = os.environ.get("RECSYS_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("real data: RECSYS_DATA names no folder")
    return Path(folder).resolve()
