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


TINY = (
    "data.users=80",
    "data.items=60",
    "data.authors=10",
    "data.days=8",
    "data.sessions=1.0",
    "batch_size=256",
)
"""Overrides that make a run on the marketplace small."""


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    """Tests run side by side, so each keeps to one thread."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture
def tiny() -> list[str]:
    """Overrides that make a run on the marketplace small."""
    return list(TINY)


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of prepared data for the whole session."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def workplace(tmp_path: Path, shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, and prepared data kept out of the person's own cache."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("RECSYS_CACHE", str(shared_cache))
    monkeypatch.setenv("WANDB_MODE", "offline")
    return folder
