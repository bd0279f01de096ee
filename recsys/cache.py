"""Prepared data on disk: content-addressed, written whole or not at all, memory-mapped."""

import json
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import torch

from recsys import audit
from recsys.build import Parts, Recipe
from recsys.encode import Artifact, encode
from recsys.ops import store
from recsys.types import Audit, Columns, Events, Holdout, Split, Train

FRAMES = ("train", "valid", "test")


def split_once(parts: Parts) -> tuple[Path, bool]:
    """The folder of the labelled and split events, and whether they were made now."""
    recipes = [parts.recipes[axis] for axis in ("data", "label", "split")]
    key = store.digest([parts.data.fingerprint(), *_identities(recipes)])
    return store.obtain(parts.cache / "split", key, lambda folder: _write_split(_split(parts), parts, folder))


def audit_once(parts: Parts) -> Audit:
    """What was found when the events were split."""
    folder, _ = split_once(parts)
    return audit.from_json(json.loads((folder / "audit.json").read_text()))


def encode_once(parts: Parts) -> tuple[Artifact, bool]:
    """The encoded events, memory-mapped, and whether they were made now."""
    recipes = [parts.recipes[axis] for axis in ("data", "label", "split")]
    encoders = [parts.encoders[name] for name in sorted(parts.encoders)]
    names = [*sorted(parts.encoders), *parts.features, f"cross={parts.cross}" if parts.features else ""]
    recipes += parts.features.values()
    files = [file for encoder in encoders for file in encoder().files]
    identities = _identities([*recipes, *encoders])
    key = store.digest([parts.data.fingerprint(), *names, *identities, *map(_mark, files)])

    def make(folder: Path) -> None:
        source, _ = split_once(parts)
        _write_artifact(encode(read_split(source, parts), parts), folder)

    folder, made = store.obtain(parts.cache / "encoded", key, make)
    return _read_artifact(folder), made


def _split(parts: Parts) -> Split:
    return parts.split.split(parts.label.apply(parts.data.load()))


def _mark(file: str) -> str:
    """Path, size and time of change of a file, if it is there."""
    path = Path(file).expanduser().resolve()
    if not path.exists():
        return f"{path} is missing"
    return f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}"


def _identities(recipes: Iterable[Recipe]) -> list[str]:
    """What the components are and the code that they are made of."""
    recipes = list(recipes)
    files = {sys.modules[recipe.target.__module__].__file__ for recipe in recipes}
    own = [Path(file).read_text(encoding="utf-8") for file in sorted(f for f in files if f)]
    return [*(recipe.identity for recipe in recipes), *own, _code()]


@cache
def _code() -> str:
    """A digest of the code that prepared data depends on."""
    here = Path(__file__).parent
    folders = ("types", "ops", "data", "label", "split", "features", "encoders")
    files = [file for folder in folders for file in sorted((here / folder).rglob("*.py"))]
    files += [here / name for name in ("encode.py", "moments.py", "audit.py", "cache.py")]
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
    columns: Columns = parts.data.columns

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
        np.save(folder / f"{name}.npy", tensor.numpy())
    rest = {"states": artifact.states, "keys": artifact.keys, "notes": list(artifact.notes)}
    rest["raw"] = artifact.raw
    torch.save(rest, folder / "rest.pt")


def _read_artifact(folder: Path) -> Artifact:
    """Memory-mapped; what is written into the tensors stays in this process."""
    rest = torch.load(folder / "rest.pt", weights_only=True)
    tensors = {
        file.stem: torch.from_numpy(np.load(file, mmap_mode="c")) for file in sorted(folder.glob("*.npy"))
    }
    return Artifact(tensors, rest["states"], rest["keys"], tuple(rest["notes"]), rest["raw"])
