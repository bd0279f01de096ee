"""Installed from a wheel, in another folder, the program has its configs with it."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the unpacked wheel, and nothing of the checkout."""
    from hatchling.builders.wheel import WheelBuilder

    folder = tmp_path_factory.mktemp("wheel")
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(wheel) as content:
        content.extractall(folder / "site")
    return folder / "site"


def recsys(site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from recsys.commands import main; sys.exit(main())"
    command = [sys.executable, "-c", code, str(site), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_configs_and_studies_travel_inside_the_wheel(installed: Path, workplace: Path) -> None:
    inside = {p.relative_to(installed / "recsys").as_posix() for p in installed.rglob("*.yaml")}
    outside = {
        p.relative_to(ROOT).as_posix() for top in ("conf", "experiments") for p in (ROOT / top).rglob("*.yaml")
    }
    assert inside == outside
    listed = recsys(installed, "list", "loss")
    assert "focal" in listed.stdout
    shown = recsys(installed, "train", "+reproduce=ml100k_bpr", "--cfg", "job")
    assert "_target_: recsys.model.mf.MF" in shown.stdout
    checked = recsys(installed, "check", "model=mf")
    assert checked.returncode == 0, checked.stderr
    assert str(installed) in recsys(installed, "train", "--info", "searchpath").stdout
