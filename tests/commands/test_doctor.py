"""The doctor says what is there, and names what is not with the line that installs it."""

from importlib import metadata
from pathlib import Path

import pytest

from recsys.commands import doctor, main


def test_a_healthy_machine_is_exit_status_0(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "ml-100k").mkdir()
    monkeypatch.setenv("RECSYS_DATA", str(tmp_path))
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    for word in ("torch ", "extras", "dev ", "cores", "memory", "GPU", "ml-100k", "RECSYS_CACHE", "free disk"):
        assert word in out
    assert metadata.version("polars") in out


def test_a_missing_and_an_old_package_are_named_with_what_installs_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = doctor._version
    broken = {"wandb": None, "polars": "0.1"}
    monkeypatch.setattr(
        doctor, "_version", lambda name: broken.get(name, kept(name)) if name in broken else kept(name)
    )
    assert main(["doctor"]) == 1
    error = capsys.readouterr().err
    assert "error: wandb: missing, wanted" in error
    assert "pip install 'polars" in error


def test_a_missing_extra_gets_the_line_that_installs_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = doctor._version
    monkeypatch.setattr(doctor, "_version", lambda name: None if name == "hypothesis" else kept(name))
    assert main(["doctor"]) == 0
    assert "missing hypothesis: pip install 'recsys[dev]'" in capsys.readouterr().out
