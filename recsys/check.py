"""Whether a combination can run: needs against gives, then a rehearsal on invented events."""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import torch

from recsys import flow, moments
from recsys.build import Parts
from recsys.encode import encode, restore
from recsys.metrics import RowMetrics
from recsys.nn.sequences import NAME
from recsys.recipes import Recipe, gives_of, needs_of, within
from recsys.train.datamodule import Data
from recsys.train.evaluation import measure_all
from recsys.train.module import Recommender
from recsys.types import CAPABILITIES, TASK, ColumnType, Events, Holdout, Need, Split, Train, UserError

USERS, ITEMS, EVENTS = 6, 10, 48

ROOM = {
    "user": ("model.context", "on the user and the moment"),
    "item": ("model.moments", "on the item and the moment"),
    "cross": ("model.cross", "on user and item together (features.cross=none leaves them out)"),
}
"""What a model gives that takes features of a side, and what those features depend on."""
NEW_ITEMS = {18: 8, 36: 9}
"""Invented events, one of valid and one of test, whose item no earlier part has (eval.candidates=new_items)."""


def check(parts: Parts) -> tuple[str, ...]:
    """Refuse what cannot run; returns what a reader should know of what can.

    Raises:
        UserError: with every reason.
    """
    reasons = refusals(parts)
    if reasons:
        raise UserError(*reasons)
    rehearse(parts)
    return remarks(parts)


def refusals(parts: Parts, without: Collection[str] = ()) -> list[str]:
    """A reason for each need that nobody meets.

    Args:
        without: axes that take no part.
    """
    involved = {name: part for name, part in _involved(parts).items() if name.split("=")[0] not in without}
    given = _given(involved.values()) | {"label.counts"}
    asked = [(name, need) for name, part in involved.items() for need in needs_of(part)]
    if parts.protocol.vectors and "model" not in without:
        asked.append(("eval.vectors=true", Need("model.towers", "it writes their vectors")))
    reasons = []
    if parts.warm_start and "model" not in without and _fits(parts):
        name = parts.choices.get("model", "yours")
        reasons.append(f"warm_start: model={name} is fitted in one step, from nothing; leave warm_start out")
    if "model" not in without and _samples(parts):
        asked += _of_moments(parts)
    reasons += _unmet(asked, given, parts)
    for part in involved.values():
        for inner in within(part):
            reasons += _of_nested(inner, given, parts)
    return reasons


def _given(components: Iterable[object]) -> frozenset[str]:
    """What components give together."""
    given = frozenset[str]().union(*map(gives_of, components))
    return given | {"label.classes"} if given.isdisjoint({"label.real", "label.grades"}) else given


def _unmet(
    asked: Iterable[tuple[str, Need]], given: frozenset[str], parts: Parts, label: str = ""
) -> list[str]:
    """A reason for each need that is not given.

    Args:
        label: the one that they are about, where that is not the chosen one.
    """
    return [
        f"{name} needs {_meaning(need)}, because {need.why}; {_lacking(need, parts, label)}"
        for name, need in asked
        if given.isdisjoint({need.what, *need.instead})
    ]


def _of_nested(inner: Recipe, given: frozenset[str], parts: Parts) -> list[str]:
    """Reasons of a component within another; those of a task's loss are about the label of the task."""
    asked = [(_named(inner.axis, inner.target, parts), need) for need in needs_of(inner)]
    place, _, task = inner.axis.rpartition(".")
    if place != "loss.tasks" or task not in parts.label.tasks:
        return _unmet(asked, given, parts)
    label = parts.label.tasks[task]
    others = {what for what in given if not what.startswith("label.")}
    name = _named(f"label.tasks.{task}", type(label), parts)
    return _unmet(asked, _given([label]) | others, parts, name)


def _named(key: str, target: type, parts: Parts) -> str:
    """A component within another and its choice, which is called like its file."""
    axis, file = key.split(".", maxsplit=1)[0], target.__module__.rpartition(".")[2]
    return f"{key}={parts.choices.get(f'{axis}@{key}', file)}"


def _of_moments(parts: Parts) -> list[tuple[str, Need]]:
    """What the used columns of each feature need of the model, by what they depend on."""
    used = {answer.name for answer, _ in moments.used(parts)}
    asked = []
    for name, feature in moments.made(parts).items():
        for side, (what, why) in ROOM.items():
            columns = [a.name for a in feature.columns(parts.columns) if a.side == side and a.name in used]
            past = [column for column in columns if column == NAME]
            others = [column for column in columns if column != NAME]
            needs = [_room(past, what, why, ("model.history",)), _room(others, what, why)]
            asked += [(f"features={name}", need) for need in needs if need]
    return asked


def _room(columns: Sequence[str], what: str, why: str, instead: tuple[str, ...] = ()) -> Need | None:
    """What some columns of one feature need, None of no columns; arguments as of `ROOM` and `Need`."""
    if not columns:
        return None
    more = f" and {len(columns) - 3} more" if len(columns) > 3 else ""
    verb = "depends" if len(columns) == 1 else "depend"
    return Need(what, f"{', '.join(columns[:3])}{more} {verb} {why}", instead)


def remarks(parts: Parts) -> tuple[str, ...]:
    """What is chosen and not used."""
    said, given = list(parts.remarks), gives_of(parts.sampling) | gives_of(parts.label)
    if _samples(parts) and given >= {"sampling.classes", "label.grades"}:
        sampling = parts.choices.get("sampling", "yours")
        said.append(f"sampling={sampling} makes labels of 0 and 1 of the grades; sampling=page keeps them")
    if _fits(parts):
        name = parts.choices.get("model", "model")
        unused = "loss and optimizer" if _samples(parts) else "sampling, loss, optimizer and features"
        said.append(f"model={name} is fitted in one step: {unused} are not used")
        weighed = any("label.weights" in gives_of(part) for part in (parts.label, *parts.preparations.values()))
        if weighed and not _samples(parts) and not getattr(parts.model.target, "weighs", False):
            said.append(f"weights other than 0 are not read by model={name}")
    return tuple(said)


def _fits(parts: Parts) -> bool:
    return bool(getattr(parts.model.target, "fits", False))


def _samples(parts: Parts) -> bool:
    """Whether the model learns from what sampling makes of the rows."""
    return not _fits(parts) or bool(getattr(parts.model.target, "samples", False))


def _involved(parts: Parts) -> dict[str, object]:
    """The components that the run uses, by how they were chosen."""
    axes: dict[str, object] = {
        "data": parts.data,
        "label": parts.label,
        "split": parts.split,
        "model": parts.model,
    }
    if _samples(parts):
        axes["sampling"] = parts.sampling
    if not _fits(parts):
        axes["loss"] = parts.loss
    involved = {f"{axis}={parts.choices.get(axis, 'yours')}": part for axis, part in axes.items()}
    involved |= {f"metrics={name}": family for name, family in parts.metrics.items()}
    involved |= {f"features={name}": recipe for name, recipe in parts.features.items()}
    involved |= {f"slices={name}": slicer for name, slicer in parts.slicers.items()}
    involved |= {f"preparation={name}": part for name, part in parts.preparations.items()}
    if any(isinstance(family, RowMetrics) for family in parts.metrics.values()):
        involved[f"calibration={parts.choices.get('calibration', 'yours')}"] = parts.calibration
    return involved


def _meaning(need: Need) -> str:
    names = (need.what, *need.instead)
    return ", or ".join(CAPABILITIES.get(n, f"a feedback column {n.removeprefix('data.')!r}") for n in names)


def _lacking(need: Need, parts: Parts, label: str) -> str:
    axis = need.what.split(".")[0]
    choice = parts.choices.get(axis, "yours")
    if axis == "features":
        choice = f"[{','.join(parts.features)}]"
    if axis == "label" and label:
        return f"{label} gives none"
    if axis == "data":
        has = ", ".join(sorted({*parts.columns.feedback, *parts.columns.context})) or "none"
        return f"data={choice} has none (it has: {has})"
    return f"{axis}={choice} gives none"


def rehearse(parts: Parts) -> None:
    """One training step and one evaluation on a handful of invented events.

    Raises:
        UserError: a component cannot work with its neighbours; names the component where it is known.
    """
    try:
        artifact = encode(_invented(parts), parts)
        encoded = restore(artifact, parts)
        known = moments.restore(parts, artifact.tensors, artifact.states)
        recommender = flow.assemble(parts, encoded, known)
        data = flow.data_module(parts, encoded, recommender)
        with TemporaryDirectory() as folder:
            mode = "once" if recommender.model.fits else "steps"
            flow.make_trainer(parts, Path(folder), mode, log=False)
        _step(recommender, data)
        recommender.eval()
        for part, blocks in (("valid", data.val_dataloader()), ("test", data.test_dataloader())):
            measure_all(recommender.start(part), [block for loader in blocks for block in loader])
    except UserError:
        raise
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"the rehearsal on invented events failed: {type(error).__name__}: {reason}") from error


def _step(recommender: Recommender, data: Data) -> None:
    recommender.train()
    batch = next(iter(data.train_dataloader()))
    if recommender.model.fits:
        recommender.fit_at_once(batch, 0, last=True)
        return
    assert recommender.loss is not None
    assert recommender.sampler is not None
    optimizer = _optimizer(recommender)
    recommender.sampler.scorer = recommender.current(0)
    slate = recommender.evaluator.moments.of_slate(recommender.sampler(batch, torch.Generator().manual_seed(0)))
    logits = recommender.model.outputs(slate)
    if logits.shape[:2] != slate.labels.shape:
        wanted, got = tuple(slate.labels.shape), tuple(logits.shape)
        raise UserError(f"model: gives logits of shape {got} for a slate of shape {wanted}")
    loss = recommender.loss(logits, slate)
    if loss.dim() or not bool(loss.isfinite()):
        raise UserError(f"loss: gives {loss.tolist()} where a finite scalar is wanted")
    penalty = recommender.model.penalty(slate)
    if penalty is not None and (penalty.dim() or not bool(penalty.isfinite())):
        raise UserError(f"model: its penalty is {penalty.tolist()} where a finite scalar is wanted")
    (loss if penalty is None else loss + penalty).backward()
    optimizer.step()


def _optimizer(recommender: Recommender) -> torch.optim.Optimizer:
    assert recommender.optimizer_of is not None
    try:
        return recommender.optimizer_of(recommender)
    except (ValueError, TypeError, RuntimeError) as error:
        raise UserError(f"optimizer: {str(error).splitlines()[0]}") from None


def _invented(parts: Parts) -> Split:
    """A few events with the declared columns, already labelled and split."""
    columns = parts.columns
    log: dict[str, pl.Series] = {
        "user": pl.Series([n % USERS for n in range(EVENTS)], dtype=pl.UInt32),
        "item": pl.Series([NEW_ITEMS.get(n, (n * 5 + n // USERS) % 8) for n in range(EVENTS)], dtype=pl.UInt32),
        "time": pl.Series([1_700_000_000 + 60 * n for n in range(EVENTS)], dtype=pl.Int64),
    }
    negatives = not gives_of(parts.label).isdisjoint({"label.negatives", "label.real"})
    log["label"] = pl.Series([float(n % 3 != 2 or not negatives) for n in range(EVENTS)], dtype=pl.Float32)
    log |= {TASK + task.name: log["label"] for task in parts.tasks}
    for types in (columns.context, columns.feedback):
        log |= {name: _values(type_, EVENTS) for name, type_ in types.items()}
    if "data.time" not in parts.data.gives:
        del log["time"]
    n_users = ITEMS if parts.data.links else USERS
    users = pl.DataFrame({name: _values(type_, n_users) for name, type_ in columns.user.items()})
    items = pl.DataFrame({name: _values(type_, ITEMS) for name, type_ in columns.item.items()})

    def part(start: int, stop: int) -> Events:
        rows = pl.DataFrame(log).slice(start, stop - start)
        return Events(rows, users, items, columns, impressions=True)

    third = EVENTS // 3
    return Split(Train(part(0, third)), Holdout(part(third, 2 * third)), Holdout(part(2 * third, EVENTS)))


def _values(type_: ColumnType, n: int) -> pl.Series:
    """Plausible values of a type."""
    values: dict[str, list[object]] = {
        "id": [f"k{i}" for i in range(n)],
        "category": [f"c{i % 3}" for i in range(n)],
        "categories": [[f"k{i % 3}", f"k{i % 2}"] for i in range(n)],
        "number": [float(i) for i in range(n)],
        "text": [f"word{i % 4} word{i % 3}" for i in range(n)],
        "geo": [[float(i), float(-i)] for i in range(n)],
        "time": [1_700_000_000 + 3600 * i for i in range(n)],
        "flag": [i % 2 == 0 for i in range(n)],
    }
    return pl.Series(values[type_])
