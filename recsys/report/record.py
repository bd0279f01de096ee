"""The folder of a run: config, metrics, per-user metrics, environment and status, each written whole."""

import json
import math
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from torch import Tensor

from recsys.types import Measurement, Shown, Slice

PACKAGES = (
    "recsys",
    "torch",
    "pytorch-lightning",
    "hydra-core",
    "polars",
    "numpy",
    "faiss-cpu",
    "wandb",
    "torchmetrics",
)


def write_text(file: Path, text: str) -> None:
    """Write a file whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(file)


def write_json(file: Path, value: Any) -> None:
    """Write a value as JSON, whole or not at all; a number that is none is null."""
    write_text(file, json.dumps(_finite(value), indent=2, allow_nan=False) + "\n")


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_config(folder: Path, config: Mapping[str, Any]) -> None:
    """`config.yaml`: the resolved config."""
    from omegaconf import OmegaConf

    write_text(folder / "config.yaml", OmegaConf.to_yaml(OmegaConf.create(dict(config))))


def write_results(
    folder: Path,
    measured: Mapping[str, Mapping[str, Measurement]],
    shown: Sequence[Shown],
    keys: Mapping[str, list[Any]],
    vectors: Mapping[str, Tensor],
) -> None:
    """All that was measured, a file each.

    `metrics.json` and `intervals.json` have every value by part and name, `users.parquet` the metrics of each
    test user, `slices.csv` those of groups, `<curve>.csv` a curve's points, `predictions.parquet` the lists,
    `user_vectors.parquet` and `item_vectors.parquet` the towers' vectors.
    """
    write_json(folder / "metrics.json", flat(measured))
    intervals = {part: _merged(families, "intervals") for part, families in measured.items()}
    write_json(folder / "intervals.json", {part: of for part, of in intervals.items() if of})
    test = measured["test"]
    write_users(folder, test, keys)
    slices = [one for family in test.values() for one in family.slices]
    if slices:
        _write_frame(folder / "slices.csv", slices_frame(slices))
    for name, columns in _merged(test, "curves").items():
        _write_frame(folder / f"{name}.csv", pl.DataFrame({key: v.numpy() for key, v in columns.items()}))
    for side, rows in vectors.items():
        frame = pl.DataFrame({"id": keys[side], "vector": rows.numpy()})
        _write_frame(folder / f"{side}_vectors.parquet", frame.with_columns(pl.col("vector").arr.to_list()))
    if shown:
        _write_frame(folder / "predictions.parquet", _lists_frame(shown, keys))


def _merged(families: Mapping[str, Measurement], field: str) -> dict[str, Any]:
    return {name: value for family in families.values() for name, value in getattr(family, field).items()}


def slices_frame(slices: Sequence[Slice]) -> pl.DataFrame:
    """A row a group, a column a metric."""
    rows = [{"by": s.by, "group": s.group, "size": s.size, "small": s.small, **s.values} for s in slices]
    return pl.from_dicts(rows, infer_schema_length=None)


def _lists_frame(shown: Sequence[Shown], keys: Mapping[str, list[Any]]) -> pl.DataFrame:
    columns = {}
    for side in ("user", "item"):
        index = np.concatenate([getattr(block, side).numpy() for block in shown])
        columns[side] = pl.Series(keys[side]).gather(index)
    score = np.concatenate([block.score.numpy() for block in shown])
    return pl.DataFrame({**columns, "score": score})


def _write_frame(file: Path, frame: pl.DataFrame) -> None:
    """Write a table whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    frame.write_parquet(draft) if file.suffix == ".parquet" else frame.write_csv(draft)
    draft.replace(file)


def flat(measured: Mapping[str, Mapping[str, Measurement]]) -> dict[str, dict[str, float]]:
    """The values by part and name, the families side by side."""
    return {
        part: {name: value for family in families.values() for name, value in family.values.items()}
        for part, families in measured.items()
    }


def write_users(folder: Path, families: Mapping[str, Measurement], keys: Mapping[str, list[Any]]) -> None:
    """`users.parquet`: the metrics of each test user, with the user's own id."""
    whole: pl.DataFrame | None = None
    for measurement in families.values():
        if measurement.user is None or not measurement.per_user:
            continue
        ids = pl.Series(keys["user"]).gather(measurement.user.numpy())
        frame = pl.DataFrame(
            {"user": ids} | {name: values.numpy() for name, values in measurement.per_user.items()}
        )
        whole = frame if whole is None else whole.join(frame, on="user", how="full", coalesce=True)
    if whole is not None:
        _write_frame(folder / "users.parquet", whole)


def environment(seed: int) -> dict[str, Any]:
    """Versions, git commit, seed and hardware."""
    import torch

    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: _version(name) for name in PACKAGES},
        "git": _git(),
        "seed": seed,
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "gpu": gpu,
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _git() -> dict[str, Any] | None:
    """Commit of the framework's own checkout, and whether it has uncommitted changes."""
    here = Path(__file__).parent

    def ask(*words: str) -> str:
        done = subprocess.run(["git", *words], cwd=here, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    try:
        return {"commit": ask("rev-parse", "HEAD"), "changed": bool(ask("status", "--porcelain"))}
    except (OSError, subprocess.CalledProcessError):
        return None
