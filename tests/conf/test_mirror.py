"""conf/ mirrors recsys/: every choice is a Python file and a YAML file of one name, with the same defaults."""

import importlib
import inspect
from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf

from recsys.build import AXES
from recsys.compose import CONF, EXPERIMENTS, describe

PACKAGE = CONF.parent / "recsys"
PLACES = {
    "callbacks": "train/callbacks",
    "eval": "types",
    "logger": "train/loggers",
    "optimizer": "train/optimizers",
}
AXIS_FOLDERS = (*AXES, "metrics", "slices", "features", "preparation", "encoders")


def configs() -> list[Path]:
    return sorted(CONF.rglob("*.yaml"))


def name(file: Path) -> str:
    return file.relative_to(CONF).as_posix()


def components(file: Path) -> list[dict[str, Any]]:
    """Every mapping of the file with a `_target_` of ours; YAML as OmegaConf reads it (1e-3 is a number)."""
    found: list[dict[str, Any]] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if str(value.get("_target_", "")).startswith("recsys."):
                found.append(value)
            for inner in value.values():
                walk(inner)

    walk(OmegaConf.to_container(OmegaConf.load(file)))
    return found


@pytest.mark.parametrize("file", configs(), ids=name)
def test_a_config_says_what_it_is_and_what_runs_it(file: Path) -> None:
    lines = [line for line in file.read_text().splitlines() if line.startswith("#") and "@package" not in line]
    assert describe(file).endswith((".", ":")) or file.stem == "default"
    assert len(lines) >= 2
    assert "recsys " in lines[1]


@pytest.mark.parametrize("file", [f for f in configs() if components(f)], ids=name)
def test_a_config_names_a_class_in_the_file_of_its_own_name(file: Path) -> None:
    axis = file.relative_to(CONF).parts[0]
    (component,) = components(file)
    module = f"recsys.{PLACES.get(axis, axis).replace('/', '.')}.{file.stem}"
    assert component["_target_"].rpartition(".")[0] == module


@pytest.mark.parametrize("file", [f for f in configs() if components(f)], ids=name)
def test_keys_and_defaults_equal_the_signature(file: Path) -> None:
    (component,) = components(file)
    module, _, target = component["_target_"].rpartition(".")
    parameters = inspect.signature(getattr(importlib.import_module(module), target)).parameters.values()
    keyword = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
    written = {key: value for key, value in component.items() if key not in ("_target_", "defaults")}
    assert list(written) == list(keyword)
    for key, value in written.items():
        if value == "???" or str(value).startswith("${"):
            continue
        assert plain(keyword[key]) == plain(value), key


def plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value


@pytest.mark.parametrize("axis", AXIS_FOLDERS)
def test_every_component_has_a_config(axis: str) -> None:
    written = {file.stem for file in (CONF / axis).rglob("*.yaml")}
    modules = {file.stem for file in (PACKAGE / axis).glob("*.py") if file.stem != "__init__"}
    assert modules <= written


@pytest.mark.parametrize("file", sorted(EXPERIMENTS.rglob("*.yaml")), ids=lambda f: f.stem)
def test_a_study_states_its_question_and_its_command(file: Path) -> None:
    lines = [line for line in file.read_text().splitlines() if line.startswith("#") and "@package" not in line]
    assert lines[0].rstrip().endswith("?")
    assert "recsys train" in " ".join(lines[1:4])


@pytest.mark.parametrize("axis", AXIS_FOLDERS)
def test_classes_are_final_and_one_step_below_the_interface(axis: str) -> None:
    for file in (PACKAGE / axis).glob("*.py"):
        if file.stem == "__init__":
            continue
        module = importlib.import_module(f"recsys.{axis}.{file.stem}")
        interface = importlib.import_module(f"recsys.{axis}")
        bases = tuple(o for o in vars(interface).values() if inspect.isclass(o) and inspect.isabstract(o))
        mine = [o for o in vars(module).values() if inspect.isclass(o) and o.__module__ == module.__name__]
        parts = [o for o in mine if issubclass(o, bases)]
        assert len(parts) == 1, file
        assert getattr(parts[0], "__final__", False), file
        assert set(parts[0].__bases__) & set(bases), file
