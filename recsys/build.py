"""From a composed config to components: every key, type and missing value is checked first, all at once.

The only module that turns a `_target_` into an object.
"""

import importlib
import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from hydra.utils import get_class, instantiate
from omegaconf import DictConfig, OmegaConf
from pydantic import ConfigDict, PydanticSchemaGenerationError, TypeAdapter, ValidationError

from recsys.calibration import Calibrator
from recsys.compose import Groups, nearest, own, values
from recsys.data import Source
from recsys.encoders import Encoder
from recsys.features import Feature
from recsys.label import Label
from recsys.loss import Loss
from recsys.metrics import ListMetrics, Metrics, RowMetrics
from recsys.model import Model
from recsys.preparation import Preparation
from recsys.sampling import Sampler
from recsys.schedule import Schedule
from recsys.slices import Slicer
from recsys.split import Splitter
from recsys.types import (
    Columns,
    Counts,
    Facts,
    Graph,
    Monitor,
    Need,
    NonNegative,
    PositiveInt,
    Protocol,
    Schema,
    Task,
    TrainRows,
    UserError,
)

AXES: dict[str, type] = {
    "data": Source,
    "label": Label,
    "split": Splitter,
    "sampling": Sampler,
    "model": Model,
    "loss": Loss,
    "calibration": Calibrator,
    "schedule": Schedule,
}
"""The axes with one choice each, and what a choice has to be."""

HYDRA_KEYS = ("_target_", "_convert_", "_recursive_", "_partial_")
INJECTED = (Schema, Counts, Graph, Facts, TrainRows)
"""What models, losses and samplers can ask for by the type of a positional argument."""

RUN_VALUES: dict[str, Any] = {
    "seed": int,
    "batch_size": PositiveInt,
    "workers": PositiveInt,
    "cache": str,
    "ckpt_path": str | None,
    "warm_start": str | None,
}


@dataclass(frozen=True)
class Recipe:
    """A component that is checked and waits for what the run gives it.

    Attributes:
        axis: where it stands in the config (`loss`, `callbacks.early_stopping`).
        choice: the name that was chosen.
        target: its class.
        arguments: its keyword arguments.
    """

    axis: str
    choice: str
    target: type
    arguments: Mapping[str, Any]

    def __call__(self, *nouns: object) -> Any:
        """The component; its positional arguments are taken from the nouns by their type."""
        keywords = {key: _nested(value, nouns) for key, value in self.arguments.items()}
        return self.target(*_given(self.target, nouns), **keywords)

    def over(self, first: object) -> Any:
        """The component, its one positional argument given."""
        return self.target(first, **self.keywords)

    @property
    def identity(self) -> str:
        """Class and arguments as text: equal texts, equal components."""
        return json.dumps([f"{self.target.__module__}.{self.target.__qualname__}", self.arguments], default=str)

    @cached_property
    def keywords(self) -> dict[str, Any]:
        """The keyword arguments, nested components built."""
        return {key: _nested(value) for key, value in self.arguments.items()}


@dataclass(frozen=True)
class Parts:
    """The components of one run. Made by `build`.

    Attributes:
        features: by name; `cross` says whether those of user and item together are used.
        encoders: by column type, and by `columns.<column>` for a column that is treated by itself.
        choices: the name chosen on each axis.
        warm_start: checkpoint whose weights are begun with.
        embedding_decay: weight decay of embedding tables; None where it is that of all parameters.
        preparations: what is done to the events beside labelling and splitting, by name, in order.
        recipes: data, label, split and `preparation.<name>` as recipes too, for their identity.
        remarks: lines for the reader of the results.
    """

    data: Source
    label: Label
    split: Splitter
    features: Mapping[str, Recipe]
    cross: bool
    encoders: Mapping[str, Recipe]
    sampling: Recipe
    model: Recipe
    loss: Recipe
    metrics: Mapping[str, Metrics]
    protocol: Protocol
    slicers: Mapping[str, Slicer]
    preparations: Mapping[str, Preparation]
    calibration: Calibrator
    optimizer: Recipe
    embedding_decay: float | None
    schedule: Recipe
    trainer: Recipe
    callbacks: Mapping[str, Recipe]
    loggers: Mapping[str, Recipe]
    monitor: Monitor
    seed: int
    batch_size: int
    cache: Path
    ckpt_path: Path | None
    warm_start: Path | None
    choices: Mapping[str, str]
    recipes: Mapping[str, Recipe]
    remarks: tuple[str, ...] = ()

    @property
    def columns(self) -> Columns:
        """What the data declares, and the context that the label adds."""
        return _joined(self.data.columns, self.label)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Those of a label of several, the one that is measured by first."""
        return tuple(Task(name, "label.real" in label.gives) for name, label in self.label.tasks.items())

    @property
    def reading(self) -> dict[str, Any]:
        """How a status says to read its metrics: which one decides, and which way each is better."""
        directions = {
            _shown(family, name, self.protocol): family.higher_is_better(name)
            for family in self.metrics.values()
            for name in family.names
        }
        directions |= {
            f"{task.name}/{name}": family.higher_is_better(name)
            for family in self.metrics.values()
            for task in self.tasks[1:]
            for name in family.names
            if isinstance(family, RowMetrics) and not task.amount
        }
        return {
            "monitor": self.monitor.name,
            "higher_is_better": self.monitor.higher_is_better,
            "directions": directions,
        }

    def encoder(self, column: str, type_: str) -> Recipe | None:
        """How the column is encoded; None where nothing is chosen for its type."""
        return self.encoders.get(f"columns.{column}") or self.encoders.get(type_)


class _Problems(list[str]):
    """Collects messages."""


def build(config: DictConfig, known: Groups) -> Parts:
    """Check a composed config, and build what needs nothing of the run.

    Args:
        known: the config groups, for names in messages and for `encoders.columns.<column>=<choice>`.

    Raises:
        UserError: with every problem found.
    """
    problems = _Problems()
    missing = sorted(OmegaConf.missing_keys(own(config)))
    if missing:
        raise UserError(*(f"{key}: no value is given; write {key}=…" for key in missing))
    choices = {str(k): str(v) for k, v in config.hydra.runtime.choices.items() if v is not None}
    plain = values(config)
    recipes = {
        axis: _recipe(axis, plain.get(axis), base, choices.get(axis, ""), problems)
        for axis, base in AXES.items()
    }
    metrics = _recipes("metrics", plain.get("metrics"), Metrics, problems)
    features, cross = _features(plain.get("features"), problems)
    slices = _recipes("slices", plain.get("slices"), Slicer, problems)
    preparations = _recipes("preparation", plain.get("preparation"), Preparation, problems)
    protocol = _recipe("eval", plain.get("eval"), Protocol, choices.get("eval", ""), problems)
    callbacks = _recipes("callbacks", plain.get("callbacks"), object, problems)
    loggers = _recipes("logger", plain.get("logger"), object, problems)
    optimizer, decay = _optimizer(plain.get("optimizer"), choices.get("optimizer", ""), problems)
    trainer = _recipe("trainer", plain.get("trainer"), object, choices.get("trainer", ""), problems)
    _check_run_values(plain, problems)
    warm_start = _checkpoint("warm_start", plain.get("warm_start"), problems)
    if problems:
        raise UserError(*problems)
    data = _made(recipes["data"], problems)
    label, split = _made(recipes["label"], problems), _made(recipes["split"], problems)
    families = {name: _made(recipe, problems) for name, recipe in metrics.items()}
    slicers = {name: _made(recipe, problems) for name, recipe in slices.items()}
    prepared = {name: _made(recipe, problems) for name, recipe in preparations.items()}
    calibration, protocol = _made(recipes["calibration"], problems), _made(protocol, problems)
    if problems:
        raise UserError(*problems)
    columns = _joined(_columns(data, problems), label)
    answered = _answered(features, columns, problems)
    encoders = _encoders(plain.get("encoders") or {}, columns, answered, known, problems)
    families, remarks = _measurable(families, label)
    monitor = _monitor(plain.get("monitor"), families, protocol, problems)
    if problems or monitor is None:
        raise UserError(*problems)
    return Parts(
        data=data,
        label=label,
        split=split,
        features=features,
        cross=cross,
        encoders=encoders,
        sampling=recipes["sampling"],
        model=recipes["model"],
        loss=recipes["loss"],
        metrics=families,
        protocol=protocol,
        slicers=slicers,
        preparations=prepared,
        calibration=calibration,
        optimizer=optimizer,
        embedding_decay=decay,
        schedule=recipes["schedule"],
        trainer=trainer,
        callbacks=callbacks,
        loggers=loggers,
        monitor=monitor,
        seed=plain["seed"],
        batch_size=plain["batch_size"],
        cache=Path(plain["cache"]).expanduser(),
        ckpt_path=None if plain["ckpt_path"] is None else Path(plain["ckpt_path"]).expanduser(),
        warm_start=warm_start,
        choices={axis: choice for axis, choice in choices.items() if not axis.startswith("hydra")},
        recipes={**recipes, **{recipe.axis: recipe for recipe in preparations.values()}},
        remarks=remarks,
    )


def _recipe(axis: str, value: Any, base: type, choice: str, problems: _Problems) -> Recipe:
    """The checked recipe of one component; a placeholder where there was a problem."""
    blank = Recipe(axis, choice, object, {})
    if not isinstance(value, dict) or "_target_" not in value:
        problems.append(f"{axis}: no component is chosen; write {axis.split('.', maxsplit=1)[0]}=<choice>")
        return blank
    target = _locate(axis, str(value["_target_"]), problems)
    if target is None:
        return blank
    if not (isinstance(target, type) and issubclass(target, base)):
        problems.append(
            f"{axis}._target_: {value['_target_']} is no {base.__module__}.{base.__name__}; "
            "name a class that derives from it"
        )
        return blank
    if base is not object:
        _check_injected(axis, target, problems)
    arguments = {key: given for key, given in value.items() if key not in HYDRA_KEYS}
    checked = _check_arguments(axis, target, arguments, problems)
    return Recipe(axis, choice or str(value["_target_"]), target, checked)


def _recipes(axis: str, value: Any, base: type, problems: _Problems) -> dict[str, Recipe]:
    """The recipes of an axis that takes several components by name."""
    entries = value if isinstance(value, dict) else {}
    return {
        name: _recipe(f"{axis}.{name}", entry, base, name, problems)
        for name, entry in entries.items()
        if entry is not None
    }


def _features(value: Any, problems: _Problems) -> tuple[dict[str, Recipe], bool]:
    """The features by name, and whether cross features are used."""
    entries = dict(value or {})
    cross = entries.pop("cross", "all")
    if cross not in ("all", "none"):
        problems.append(f"features.cross={cross!r}: write all, or none to leave cross features out")
    return _recipes("features", entries, Feature, problems), cross == "all"


def _optimizer(value: Any, choice: str, problems: _Problems) -> tuple[Recipe, float | None]:
    """The optimizer, and the weight decay of embedding tables where it is another than that of the rest."""
    key, entries = "optimizer.embedding_decay", dict(value or {})
    decay = check_value(key, entries.pop("embedding_decay", None), NonNegative | None, problems)
    recipe = _recipe("optimizer", entries, object, choice, problems)
    if decay is not None and "weight_decay" not in inspect.signature(recipe.target).parameters:
        problems.append(f"{key}: {recipe.target.__name__} takes no weight_decay; choose another optimizer")
    return recipe, decay


def _answered(features: Mapping[str, Recipe], columns: Columns, problems: _Problems) -> dict[str, str]:
    """The type of each column that the features answer; no two may answer the same."""
    types: dict[str, str] = {}
    for name, recipe in features.items():
        try:
            for answer in recipe().columns(columns):
                if answer.name in types:
                    problems.append(f"features.{name}: another feature answers {answer.name!r} too")
                types[answer.name] = answer.type
        except UserError as error:
            problems.extend(error.problems)
    return types


def _locate(axis: str, path: str, problems: _Problems) -> type | None:
    module_name, _, name = path.rpartition(".")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        problems.append(f"{axis}._target_: cannot import {module_name!r} for {path}: {error}")
        return None
    found = getattr(module, name, None)
    if found is None:
        classes = [n for n, o in vars(module).items() if inspect.isclass(o) and o.__module__ == module_name]
        problems.append(f"{axis}._target_: {module_name} has no {name!r}; {nearest(name, classes)}")
    return found


def _positional(target: type) -> list[str]:
    """The constructor's arguments that come from the run: given by place, without a default."""
    parameters = list(inspect.signature(target).parameters.values())
    return [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD and p.default is p.empty]


def _check_injected(axis: str, target: type, problems: _Problems) -> None:
    """Positional arguments have to be nouns that the run can give."""
    hints = _hints(target)
    for name in _positional(target):
        if hints.get(name) not in INJECTED:
            nouns = ", ".join(noun.__name__ for noun in INJECTED)
            problems.append(
                f"{axis}: {target.__name__} takes {name!r} by place, which the run cannot give; "
                f"annotate it as one of {nouns}, or make it keyword-only"
            )


def _check_arguments(axis: str, target: type, arguments: dict[str, Any], problems: _Problems) -> dict[str, Any]:
    """The arguments, checked against the constructor's names and types."""
    parameters = inspect.signature(target).parameters
    free = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    names = [
        name
        for name, p in parameters.items()
        if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL) and name not in _positional(target)
    ]
    hints = _hints(target)
    strict = not target.__module__.startswith(("torch.", "pytorch_lightning."))
    checked = {}
    for key, value in arguments.items():
        if key not in names and not free:
            problems.append(f"{axis}.{key}: {target.__name__} has no such argument; {nearest(key, names)}")
            continue
        checked[key] = check_value(f"{axis}.{key}", value, hints.get(key, Any), problems, strict=strict)
    for name in names:
        required = parameters[name].default is inspect.Parameter.empty
        if required and name not in arguments:
            problems.append(f"{axis}.{name}: no value is given; write {axis}.{name}=…")
    return checked


def _hints(target: type) -> dict[str, Any]:
    try:
        return get_type_hints(target.__init__, include_extras=True)
    except NameError:
        return {}


def check_value(key: str, value: Any, annotation: Any, problems: list[str], *, strict: bool = True) -> Any:
    """The value, if it is of the annotated type; otherwise a message that names the key."""
    if isinstance(value, dict) and "_target_" in value:
        if _component(annotation) is not object:
            place, _, name = key.rpartition(".")
            _check_components(place, {name: value}, annotation, problems)
        return value
    if isinstance(value, dict) and any(
        isinstance(entry, dict) and "_target_" in entry for entry in value.values()
    ):
        _check_components(key, value, annotation, problems)
        return value
    try:
        adapter = TypeAdapter(annotation, config=_config(annotation))
    except PydanticSchemaGenerationError:
        return value
    try:
        return adapter.validate_python(value, strict=strict)
    except ValidationError as error:
        details = error.errors(include_url=False)
        where = "".join(f"[{part}]" for part in details[0]["loc"] if isinstance(part, int))
        wanted = "; or ".join(dict.fromkeys(detail["msg"].lower() for detail in details))
        problems.append(f"{key}{where}={value!r}: {wanted}")
        return value


def _check_components(key: str, value: dict[str, Any], annotation: Any, problems: list[str]) -> None:
    """Components by name, each checked like one that stands alone."""
    base, found = _component(annotation), _Problems()
    for name, entry in value.items():
        _recipe(f"{key}.{name}", entry, base, name, found)
    problems.extend(found)


def _component(annotation: Any) -> type:
    """The class of components in an annotation: `Loss`, `Ranker[Any]` or `Mapping[str, Label]`, or a union."""
    if isinstance(annotation, type):
        return annotation if annotation.__module__.startswith("recsys.") else object
    inner = (get_origin(annotation), *get_args(annotation))
    return next((found for part in inner if (found := _component(part)) is not object), object)


def _config(annotation: Any) -> ConfigDict | None:
    plain = isinstance(annotation, type) and hasattr(annotation, "__pydantic_core_schema__")
    return None if plain else ConfigDict(arbitrary_types_allowed=True)


def _check_run_values(plain: dict[str, Any], problems: _Problems) -> None:
    for key, annotation in RUN_VALUES.items():
        check_value(key, plain.get(key), annotation, problems)


def _checkpoint(key: str, value: Any, problems: _Problems) -> Path | None:
    """The checkpoint that is named, or the best of the run whose folder is named."""
    if not isinstance(value, str):
        return None
    path = Path(value).expanduser()
    file = path / "checkpoints" / "best.ckpt" if path.is_dir() else path
    if not file.is_file():
        problems.append(
            f"{key}={value}: there is no {file}; name a checkpoint, or the folder of a finished run"
        )
    return file


def _given(target: type, nouns: Sequence[object]) -> list[object]:
    """The nouns that a class takes by place."""
    hints = get_type_hints(target.__init__)
    return [next(noun for noun in nouns if isinstance(noun, hints[name])) for name in _positional(target)]


def _nested(value: Any, nouns: Sequence[object] = ()) -> Any:
    """A component within a component, built; it is given the same nouns."""
    if isinstance(value, dict):
        if "_target_" in value:
            given = _given(get_class(value["_target_"]), nouns) if nouns else ()
            return instantiate(value, *given)
        return {key: _nested(inner, nouns) for key, inner in value.items()}
    return value


def _made(recipe: Recipe, problems: _Problems) -> Any:
    """The component, which needs nothing of the run."""
    try:
        return recipe()
    except UserError as error:
        problems.extend(error.problems)
        return None


def _joined(columns: Columns, label: Label) -> Columns:
    return replace(columns, context={**columns.context, **label.adds}) if label.adds else columns


def _columns(data: Source, problems: _Problems) -> Columns:
    try:
        return data.columns
    except UserError as error:
        problems.extend(error.problems)
        return Columns(user={}, item={})


def _encoders(
    chosen: dict[str, Any],
    columns: Columns,
    answered: Mapping[str, str],
    known: Groups,
    problems: _Problems,
) -> dict[str, Recipe]:
    """A recipe for each column type, and for each column that is treated by itself.

    Args:
        answered: type of each column that a feature answers.
    """
    types = {**columns.user, **columns.item, **columns.context, **answered}
    recipes = {}
    for type_, value in chosen.items():
        if type_ != "columns" and value is not None:
            recipes[type_] = _recipe(f"encoders.{type_}", value, Encoder, "", problems)
    for column, value in (chosen.get("columns") or {}).items():
        key = f"encoders.columns.{column}"
        if column not in types:
            problems.append(f"{key}: there is no such column; {nearest(column, sorted(types))}")
            continue
        choices = known.get(f"encoders/{types[column]}", {})
        if isinstance(value, str):
            if value not in choices:
                problems.append(
                    f"{key}={value}: no such encoder for type {types[column]}; {nearest(value, list(choices))}"
                )
                continue
            value = _plain_file(choices[value])
        recipes[f"columns.{column}"] = _recipe(key, value, Encoder, "", problems)
    for name, recipe in recipes.items():
        accepts = getattr(recipe.target, "accepts", None)
        column = name.removeprefix("columns.")
        type_ = types[column] if name.startswith("columns.") else name
        if accepts is not None and type_ not in accepts:
            problems.append(
                f"encoders.{name}: {recipe.target.__name__} takes {', '.join(sorted(accepts))}, no {type_}"
            )
    return recipes


def _plain_file(file: Path) -> dict[str, Any]:
    return OmegaConf.to_container(OmegaConf.load(file))  # type: ignore[return-value]


def _measurable(families: dict[str, Metrics], label: Label) -> tuple[dict[str, Metrics], tuple[str, ...]]:
    """Of several families those that the label allows; a family that stands alone is left to `check`."""
    allowed = {
        name: family
        for name, family in families.items()
        if all(need.what in label.gives for need in family.needs if need.what.startswith("label."))
    }
    if not allowed or len(allowed) == len(families):
        return families, ()
    left_out = sorted(families.keys() - allowed.keys())
    return allowed, (f"metrics left out, because the label gives no rows labelled 0: {', '.join(left_out)}",)


def _shown(family: Metrics, name: str, protocol: Protocol) -> str:
    """The name in tables, which says so where candidates are sampled."""
    return protocol.named(name) if isinstance(family, ListMetrics) else name


def _monitor(
    name: Any, families: Mapping[str, Metrics], protocol: Protocol, problems: _Problems
) -> Monitor | None:
    """The metric that chooses the best epoch, looked up among the metrics."""
    for family in families.values():
        if name in family.names:
            return Monitor(f"valid/{_shown(family, name, protocol)}", family.higher_is_better(name))
    names = [metric for family in families.values() for metric in family.names]
    problems.append(f"monitor={name}: not among the metrics; {nearest(str(name), names)}")
    return None


def needs_of(part: object) -> list[Need]:
    """What a component, or the class of a recipe, needs."""
    if isinstance(part, Recipe) and issubclass(part.target, Model):
        return list(part.target.needs_with(part.arguments))
    return list(getattr(part.target if isinstance(part, Recipe) else part, "needs", ()))


def gives_of(part: object) -> frozenset[str]:
    """What a component, or the class of a recipe, gives."""
    return frozenset(getattr(part.target if isinstance(part, Recipe) else part, "gives", ()))
