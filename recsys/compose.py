"""From the words on the command line to one composed config per run.

Hydra composes; what it lets pass in silence is refused here (see docs/configuration.md): a dot for a slash,
an unknown word, an unknown choice, each with the nearest name.
"""

import difflib
import itertools
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from recsys.types.errors import UserError

PACKAGE = Path(__file__).parent
ROOT = PACKAGE if (PACKAGE / "conf").is_dir() else PACKAGE.parent
CONF, EXPERIMENTS = ROOT / "conf", ROOT / "experiments"

Groups = dict[str, dict[str, Path]]
"""Every config group by name, and its choices by name, with their files."""


@dataclass(frozen=True)
class Request:
    """What was asked for on the command line.

    Attributes:
        command: the name of the primary config.
        overrides: as typed.
        multirun: run the product of all choices.
        config_dirs: the person's own config folders.
    """

    command: str
    overrides: tuple[str, ...]
    multirun: bool = False
    config_dirs: tuple[Path, ...] = ()

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where configs are looked for, the person's own first."""
        return (*self.config_dirs, CONF, EXPERIMENTS)


def groups(folders: Sequence[Path]) -> Groups:
    """All config groups below the folders; a choice in an earlier folder hides one in a later."""
    found: Groups = {}
    for folder in folders:
        for file in sorted(folder.rglob("*.yaml")):
            group = file.parent.relative_to(folder).as_posix()
            found.setdefault(group, {}).setdefault(file.stem, file)
    return found


def nearest(word: str, names: Sequence[str]) -> str:
    """Half a sentence that names what is closest to the word, or all that there is."""
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"choose one of {', '.join(sorted(names))}" if names else "there is nothing to choose from"


def screen(request: Request) -> list[str]:
    """The overrides in the form that Hydra takes.

    Raises:
        UserError: an override that Hydra would misread, refuse late, or let pass in silence.
    """
    known = groups(request.folders)
    words, problems = [], []
    for text, override in zip(request.overrides, _parse(request.overrides), strict=True):
        problem = _problem(override, known, multirun=request.multirun)
        if problem:
            problems.append(problem)
        if override.key_or_group.startswith("encoders.columns.") and not override.is_add():
            text = "++" + text.lstrip("+")
        words.append(text)
    if problems:
        raise UserError(*problems)
    return words


def _parse(overrides: Sequence[str]) -> list[Override]:
    parser = OverridesParser.create()
    parsed, problems = [], []
    for text in overrides:
        try:
            parsed.append(parser.parse_override(text))
        except HydraException as error:
            reason = str(error).splitlines()[0]
            problems.append(f"{text!r} is no override ({reason}): write key=value, for example model=mf")
    if problems:
        raise UserError(*problems)
    return parsed


def _problem(override: Override, known: Groups, *, multirun: bool) -> str | None:
    """What is wrong with one override, or None."""
    key, text = override.key_or_group, override.input_line
    if key.split(".")[0] == "hydra" or key.startswith("hydra/"):
        return _hydra_problem(key, override.get_value_string(), multirun=multirun)
    if key in known and key != ".":
        return _choice_problem(override, known[key])
    if "/" in key:
        return f"{text}: there is no group {key!r}; {nearest(key, _names(known))}"
    slashed = key.replace(".", "/")
    if slashed in known and not isinstance(override.value(), dict):
        return f"{text}: {slashed} is a group of choices; write {slashed}={override.get_value_element_as_str()}"
    first = key.split(".")[0]
    words = {group.split("/")[0] for group in _names(known)} | TOP_LEVEL
    if first not in words:
        return f"{text}: there is no {first!r} at the top level; {nearest(first, sorted(words))}"
    return None


TOP_LEVEL = {"batch_size", "cache", "ckpt_path", "monitor", "seed", "warm_start", "workers"}
"""Keys that are no groups; conf/run/default.yaml says what they are."""

HYDRA_KEYS = ("hydra.run.dir", "hydra.sweep.dir", "hydra.searchpath")


def _hydra_problem(key: str, value: str, *, multirun: bool) -> str | None:
    if key == "hydra.run.dir" and multirun:
        return f"{key}={value}: the folder of one run; with -m write hydra.sweep.dir={value}"
    if key == "hydra.sweep.dir" and not multirun:
        return f"{key}={value}: the folder of several runs, with -m; of one write hydra.run.dir={value}"
    if key in HYDRA_KEYS:
        return None
    return f"{key}: of Hydra's own keys only {', '.join(HYDRA_KEYS)} can be set here"


def _names(known: Groups) -> list[str]:
    return [group for group in known if group != "."]


def _choice_problem(override: Override, choices: dict[str, Path]) -> str | None:
    if override.is_delete() or override.value() is None:
        return None
    value = override.value()
    if override.is_sweep_override():
        wanted = [word for choice in override.sweep_string_iterator() for word in choice.strip("[]").split(",")]
    else:
        wanted = [str(word) for word in (value if isinstance(value, list) else [value])]
    unknown = [word for word in wanted if word not in choices]
    if not unknown:
        return None
    group = override.key_or_group
    return f"{group}={unknown[0]}: there is no such choice; {nearest(unknown[0], list(choices))}"


@contextmanager
def session(request: Request) -> Iterator[None]:
    """Hydra, initialised with our search path."""
    GlobalHydra.instance().clear()
    with initialize_config_dir(version_base="1.3", config_dir=str(CONF), job_name=request.command):
        yield


def search_path(request: Request) -> str:
    """The override that adds the experiments and the person's own folders to Hydra's search path."""
    folders = [f"'file://{folder.resolve()}'" for folder in (*request.config_dirs, EXPERIMENTS)]
    return f"hydra.searchpath=[{','.join(folders)}]"


def expand(words: Sequence[str]) -> list[list[str]]:
    """The runs of a multirun: the product of all choices, the last varying fastest."""
    options = []
    for word, override in zip(words, _parse(words), strict=True):
        if override.is_sweep_override():
            key = override.get_key_element()
            options.append([f"{key}={value}" for value in override.sweep_string_iterator()])
        else:
            options.append([word])
    return [list(run) for run in itertools.product(*options)]


def build_config(request: Request, words: Sequence[str]) -> DictConfig:
    """One composed config, Hydra's own part included.

    Raises:
        UserError: it cannot be composed; names the key, or the file and line.
    """
    for word, override in zip(words, _parse(words), strict=True):
        if override.is_sweep_override():
            raise UserError(f"{word}: several values; add -m to run them all")
    try:
        config = compose(request.command, [search_path(request), *words], return_hydra_config=True)
    except HydraException as error:
        raise UserError(*_explain(request, words, error)) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{mark.name}:{mark.line + 1}:{mark.column + 1}" if mark else "a config file"
        raise UserError(f"{where}: not YAML: {error.problem}") from None
    except OmegaConfBaseException as error:
        raise UserError(f"{error.full_key or 'config'}: {str(error).splitlines()[0]}") from None
    _check_top_level(config, groups(request.folders))
    return config


def own(config: DictConfig) -> DictConfig:
    """The config without Hydra's part."""
    return OmegaConf.masked_copy(config, [str(key) for key in config if key != "hydra"])


def values(config: DictConfig) -> dict[str, Any]:
    """The config without Hydra's part as Python values, interpolations resolved.

    Raises:
        UserError: an interpolation leads nowhere; names its key.
    """
    try:
        return OmegaConf.to_container(own(config), resolve=True)  # type: ignore[return-value]
    except OmegaConfBaseException as error:
        raise UserError(f"{error.full_key or 'config'}: {str(error).splitlines()[0]}") from None


def _explain(request: Request, words: Sequence[str], error: HydraException) -> list[str]:
    """All unknown keys at once, each with the nearest name; otherwise what Hydra says."""
    overrides = _parse(words)
    plain = [word for word, o in zip(words, overrides, strict=True) if "." not in o.key_or_group]
    try:
        base = compose(request.command, [search_path(request), *plain])
    except (HydraException, OmegaConfBaseException):
        return [_first_words(error)]
    problems = []
    for override in overrides:
        key = override.key_or_group
        if "." in key and not override.is_add() and not key.startswith("hydra."):
            problems += _missing_key(base, key, override.input_line)
    return problems or [_first_words(error)]


def _missing_key(config: DictConfig, key: str, text: str | None) -> list[str]:
    parent, walked = config, []
    for part in key.split("."):
        if not isinstance(parent, DictConfig):
            return []
        if part not in parent:
            inside = ".".join(walked) or "the config"
            return [f"{text}: there is no {part!r} in {inside}; {nearest(part, [str(k) for k in parent])}"]
        walked.append(part)
        if OmegaConf.is_missing(parent, part):
            return []
        parent = parent[part]
    return []


def _first_words(error: BaseException) -> str:
    if not str(error) and (error.__cause__ or error.__context__):
        return _first_words(error.__cause__ or error.__context__ or error)
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return re.sub(r"\s+", " ", " ".join(lines[:3])) or type(error).__name__


def _check_top_level(config: DictConfig, known: Groups) -> None:
    words = {group.split("/")[0] for group in _names(known)} | TOP_LEVEL | {"hydra"}
    problems = [
        f"{key}: there is no such word at the top level of a config; {nearest(str(key), sorted(words))}"
        for key in config
        if str(key) not in words
    ]
    if problems:
        raise UserError(*problems)


def describe(file: Path) -> str:
    """The first sentence of a config file: its first comment line."""
    for line in file.read_text(encoding="utf-8").splitlines():
        text = line.lstrip("# ").strip()
        if line.startswith("#") and text and not text.startswith("@package"):
            return text
    return ""
