"""Prepared data on disk: content-addressed, written whole or not at all, memory-mapped."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from urllib.parse import quote, unquote

import numpy as np
import polars as pl
import torch

from recsys import audit, claim, moments
from recsys.build import Parts
from recsys.encode import Artifact, encode, restore
from recsys.ops import store
from recsys.ops.settling import settle
from recsys.preparation import Moment
from recsys.recipes import Recipe
from recsys.types import Audit, Columns, Events, Holdout, Split, Train

FRAMES = ("train", "valid", "test")


def split_once(parts: Parts) -> tuple[Path, bool]:
    """The folder of the labelled and split events, and whether they were made now."""
    key = store.digest([*_depends(parts), *_identities(_recipes(parts))])
    return _obtain(parts, "split", key, lambda folder: _write_split(_split(parts), parts, folder))


def audit_once(parts: Parts) -> Audit:
    """What was found when the events were split, and when the features were asked again."""
    folders = [split_once(parts)[0], *([_encoded(parts)[0]] if parts.features else [])]
    audits = [audit.from_json(json.loads((folder / "audit.json").read_text())) for folder in folders]
    return Audit(tuple(finding for one in audits for finding in one.findings))


def encode_once(parts: Parts) -> tuple[Artifact, bool]:
    """The encoded events, memory-mapped, and whether they were made now."""
    folder, made = _encoded(parts)
    return _read_artifact(folder), made


def _encoded(parts: Parts) -> tuple[Path, bool]:
    """The folder of the encoded events, and whether they were made now."""
    encoders = [parts.encoders[name] for name in sorted(parts.encoders)]
    names = [*sorted(parts.encoders), *parts.features, f"cross={parts.cross}" if parts.features else ""]
    recipes = [*_recipes(parts), *parts.features.values(), *encoders]
    readers = (*encoders, *parts.features.values())
    files = [_mark(file) for reader in readers for file in reader().files]
    key = store.digest([*_depends(parts), *names, *_identities(recipes), *files])

    def make(folder: Path) -> None:
        split = read_split(split_once(parts)[0], parts)
        artifact = encode(split, parts)
        _write_artifact(artifact, folder)
        if parts.features:
            history = moments.history(split, restore(artifact, parts).attributes)
            found = Audit(audit.audit_features(moments.made(parts), history, split))
            (folder / "audit.json").write_text(json.dumps(audit.to_json(found)))

    return _obtain(parts, "encoded", key, make)


def _obtain(parts: Parts, kind: str, key: str, make: Callable[[Path], None]) -> tuple[Path, bool]:
    """The folder of a key among all that is prepared of a kind, and whether it was made now.

    Raises:
        UserError: it is not there and cannot be made.
    """
    try:
        return store.obtain(parts.cache / kind, key, make)
    except store.UnwritableError as error:
        raise claim.impossible(parts.cache, "cache", error) from None


def _split(parts: Parts) -> Split:
    """Load, label and split, with the preparations in between, each at its moment."""
    loaded, said = _prepare(parts.data.load(), parts, "loaded")
    labelled, more = _prepare(parts.label.apply(loaded), parts, "labelled")
    split = settle(parts.split.split(labelled))
    train, rest = _prepare(split.train.events, parts, "train")
    return replace(split, train=replace(split.train, events=train), notes=(*said, *more, *split.notes, *rest))


def _prepare(events: Events, parts: Parts, moment: Moment) -> tuple[Events, list[str]]:
    """What the preparations of a moment make of the events, and their notes."""
    notes: list[str] = []
    for name, preparation in parts.preparations.items():
        if preparation.moment == moment:
            events, said = preparation.apply(events)
            notes += [f"preparation={name}: {line}" for line in said]
    return events, notes


def _recipes(parts: Parts) -> list[Recipe]:
    """What the split depends on, the preparations in their order."""
    names = ("data", "label", "split", *(f"preparation.{name}" for name in parts.preparations))
    return [parts.recipes[name] for name in names]


def _depends(parts: Parts) -> list[str]:
    """What else the split depends on: the files read, and what preparations read of the environment."""
    return [parts.data.fingerprint(), *(part.depends for part in parts.preparations.values())]


def _mark(file: str) -> str:
    """Path, size and time of change of a file, if it is there."""
    path = Path(file).expanduser().resolve()
    if not path.exists():
        return f"{path} is missing"
    return f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}"


def _identities(recipes: Iterable[Recipe]) -> list[str]:
    """What the components are and the code that they are made of."""
    recipes = list(recipes)
    modules = {name for recipe in recipes for name in (recipe.target.__module__, *_inside(recipe.arguments))}
    files = {sys.modules[name].__file__ for name in modules}
    own = [Path(file).read_text(encoding="utf-8") for file in sorted(f for f in files if f)]
    return [*(recipe.identity for recipe in recipes), *own, _code()]


def _inside(value: object) -> Iterator[str]:
    """The modules of the components among a component's arguments."""
    if isinstance(value, Mapping):
        if "_target_" in value:
            yield str(value["_target_"]).rpartition(".")[0]
        for inner in value.values():
            yield from _inside(inner)


@cache
def _code() -> str:
    """A digest of the code that prepared data depends on."""
    here = Path(__file__).parent
    folders = ("types", "ops", "data", "label", "preparation", "split", "features", "encoders")
    files = [file for folder in folders for file in sorted((here / folder).rglob("*.py"))]
    files += [here / name for name in ("encode.py", "moments.py", "audit.py", "cache.py", "train/moments.py")]
    return store.digest(file.read_text(encoding="utf-8") for file in files)


def _write_split(split: Split, parts: Parts, folder: Path) -> None:
    events = split.train.events
    logs = (events.log, split.valid.events.log, split.test.events.log)
    for name, frame in zip((*FRAMES, "users", "items"), (*logs, events.users, events.items), strict=True):
        frame.write_ipc(folder / f"{name}.arrow")
    (folder / "notes.json").write_text(json.dumps(split.notes))
    (folder / "audit.json").write_text(json.dumps(audit.to_json(audit.audit(split, parts.split.promises))))


def read_split(folder: Path, parts: Parts) -> Split:
    """The split that `split_once` stored."""
    frames = {name: pl.read_ipc(folder / f"{name}.arrow") for name in (*FRAMES, "users", "items")}
    columns: Columns = parts.columns

    def events(name: str) -> Events:
        return Events(frames[name], frames["users"], frames["items"], columns, parts.data.impressions)

    return Split(
        train=Train(events("train")),
        valid=Holdout(events("valid")),
        test=Holdout(events("test")),
        notes=tuple(json.loads((folder / "notes.json").read_text())),
    )


def _write_artifact(artifact: Artifact, folder: Path) -> None:
    for name, tensor in artifact.tensors.items():
        np.save(folder / f"{quote(name, safe='')}.npy", tensor.numpy())
    rest = {"states": artifact.states, "keys": artifact.keys, "notes": list(artifact.notes)}
    rest["raw"] = artifact.raw
    torch.save(rest, folder / "rest.pt")


def _read_artifact(folder: Path) -> Artifact:
    """Memory-mapped; what is written into the tensors stays in this process."""
    rest = torch.load(folder / "rest.pt", weights_only=True)
    tensors = {
        unquote(file.stem): torch.from_numpy(np.load(file, mmap_mode="c"))
        for file in sorted(folder.glob("*.npy"))
    }
    return Artifact(tensors, rest["states"], rest["keys"], tuple(rest["notes"]), rest["raw"])
