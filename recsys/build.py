"""From a composed config to components: every key, type and missing value is checked first, all at once."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from annotated_types import Gt, Le
from omegaconf import DictConfig, OmegaConf

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
from recsys.recipes import Problems, Recipe, check_value, made, recipe_of, recipes_of
from recsys.sampling import Sampler
from recsys.schedule import Schedule
from recsys.slices import Slicer
from recsys.split import Splitter
from recsys.types import Columns, Monitor, NonNegative, Positive, PositiveInt, Protocol, Seed, Task, UserError

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

RUN_VALUES: dict[str, Any] = {
    "seed": Seed,
    "batch_size": PositiveInt,
    "workers": PositiveInt,
    "cache": str,
    "ckpt_path": str | None,
    "warm_start": str | None,
}

Portion: TypeAlias = Annotated[float, Gt(0), Le(1)]
Batches: TypeAlias = PositiveInt | Portion | None
"""So many, a portion of all, or all."""
Length: TypeAlias = Positive | None

TRAINER_VALUES: dict[str, Any] = {
    "precision": Literal["32-true", "bf16-mixed", "16-mixed", "32", "bf16", "16", 32, 16, None],
    "check_val_every_n_epoch": PositiveInt,
    "val_check_interval": Portion,
    "accumulate_grad_batches": PositiveInt,
    "gradient_clip_val": Length,
    "limit_train_batches": Batches,
    "limit_val_batches": Batches,
    "limit_test_batches": Batches,
}
"""Of Lightning's arguments, those of which it takes more than can be trained and measured with."""

ELSEWHERE: dict[str, str] = {
    "logger": "logger=[csv], or logger=[] for none",
    "callbacks": "callbacks.<choice>.<key>=…, or ~callbacks.<choice> to leave one out",
    "enable_checkpointing": "~callbacks.best_checkpoint to keep none",
    "enable_progress_bar": "~callbacks.progress to show none",
    "default_root_dir": "hydra.run.dir=…",
}
"""Lightning's arguments that runs set themselves, and what to write for them."""


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
        return tuple(
            Task(name, amount=not label.gives.isdisjoint({"label.real", "label.grades"}))
            for name, label in self.label.tasks.items()
        )

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


def build(config: DictConfig, known: Groups) -> Parts:
    """Check a composed config, and build what needs nothing of the run.

    Args:
        known: the config groups, for names in messages and for `encoders.columns.<column>=<choice>`.

    Raises:
        UserError: with every problem found.
    """
    problems = Problems()
    missing = sorted(OmegaConf.missing_keys(own(config)))
    if missing:
        raise UserError(*(f"{key}: no value is given; write {key}=…" for key in missing))
    choices = {str(k): str(v) for k, v in config.hydra.runtime.choices.items() if v is not None}
    plain = values(config)
    recipes = {
        axis: recipe_of(axis, plain.get(axis), base, choices.get(axis, ""), problems)
        for axis, base in AXES.items()
    }
    metrics = recipes_of("metrics", plain.get("metrics"), Metrics, problems)
    features, cross = _features(plain.get("features"), problems)
    slices = recipes_of("slices", plain.get("slices"), Slicer, problems)
    preparations = recipes_of("preparation", plain.get("preparation"), Preparation, problems)
    protocol = recipe_of("eval", plain.get("eval"), Protocol, choices.get("eval", ""), problems)
    callbacks = recipes_of("callbacks", plain.get("callbacks"), object, problems)
    loggers = recipes_of("logger", plain.get("logger"), object, problems)
    optimizer, decay = _optimizer(plain.get("optimizer"), choices.get("optimizer", ""), problems)
    trainer = _trainer(plain.get("trainer"), choices.get("trainer", ""), problems)
    _check_run_values(plain, problems)
    warm_start = _checkpoint("warm_start", plain.get("warm_start"), problems)
    if problems:
        raise UserError(*problems)
    data = made(recipes["data"], problems)
    label, split = made(recipes["label"], problems), made(recipes["split"], problems)
    families = {name: made(recipe, problems) for name, recipe in metrics.items()}
    slicers = {name: made(recipe, problems) for name, recipe in slices.items()}
    prepared = {name: made(recipe, problems) for name, recipe in preparations.items()}
    calibration, protocol = made(recipes["calibration"], problems), made(protocol, problems)
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


def _features(value: Any, problems: Problems) -> tuple[dict[str, Recipe], bool]:
    """The features by name, and whether cross features are used."""
    entries = dict(value or {})
    cross = entries.pop("cross", "all")
    if cross not in ("all", "none"):
        problems.append(f"features.cross={cross!r}: write all, or none to leave cross features out")
    return recipes_of("features", entries, Feature, problems), cross == "all"


def _optimizer(value: Any, choice: str, problems: Problems) -> tuple[Recipe, float | None]:
    """The optimizer, and the weight decay of embedding tables where it is another than that of the rest."""
    key, entries = "optimizer.embedding_decay", dict(value or {})
    decay = check_value(key, entries.pop("embedding_decay", None), NonNegative | None, problems)
    recipe = recipe_of("optimizer", entries, object, choice, problems)
    if decay is not None and "weight_decay" not in inspect.signature(recipe.target).parameters:
        problems.append(f"{key}: {recipe.target.__name__} takes no weight_decay; choose another optimizer")
    return recipe, decay


def _trainer(value: Any, choice: str, problems: Problems) -> Recipe:
    """Lightning's trainer, with values that runs can have."""
    entries = dict(value or {})
    problems.extend(
        f"trainer.{key}: has no effect; write {ELSEWHERE[key]}" for key in entries if key in ELSEWHERE
    )
    narrow = {
        key: check_value(f"trainer.{key}", entries.pop(key), annotation, problems)
        for key, annotation in TRAINER_VALUES.items()
        if key in entries
    }
    recipe = recipe_of("trainer", entries, object, choice, problems)
    return replace(recipe, arguments={**recipe.arguments, **narrow})


def _answered(features: Mapping[str, Recipe], columns: Columns, problems: Problems) -> dict[str, str]:
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


def _check_run_values(plain: dict[str, Any], problems: Problems) -> None:
    for key, annotation in RUN_VALUES.items():
        check_value(key, plain.get(key), annotation, problems)


def _checkpoint(key: str, value: Any, problems: Problems) -> Path | None:
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


def _joined(columns: Columns, label: Label) -> Columns:
    return replace(columns, context={**columns.context, **label.adds}) if label.adds else columns


def _columns(data: Source, problems: Problems) -> Columns:
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
    problems: Problems,
) -> dict[str, Recipe]:
    """A recipe for each column type, and for each column that is treated by itself.

    Args:
        answered: type of each column that a feature answers.
    """
    types = {**columns.user, **columns.item, **columns.context, **answered}
    recipes = {}
    for type_, value in chosen.items():
        if type_ != "columns" and value is not None:
            recipes[type_] = recipe_of(f"encoders.{type_}", value, Encoder, "", problems)
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
        recipes[f"columns.{column}"] = recipe_of(key, value, Encoder, "", problems)
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
    name: Any, families: Mapping[str, Metrics], protocol: Protocol, problems: Problems
) -> Monitor | None:
    """The metric that chooses the best epoch, looked up among the metrics."""
    for family in families.values():
        if name in family.names:
            return Monitor(f"valid/{_shown(family, name, protocol)}", family.higher_is_better(name))
    names = [metric for family in families.values() for metric in family.names]
    problems.append(f"monitor={name}: not among the metrics; {nearest(str(name), names)}")
    return None
