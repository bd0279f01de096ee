"""The folder of a run: config, metrics, per-user metrics, environment and status, each written whole."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import polars as pl

from recsys.types import Measurement

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
    """Write a value as JSON, whole or not at all."""
    write_text(file, json.dumps(value, indent=2) + "\n")


def write_metrics(folder: Path, measured: Mapping[str, Mapping[str, Measurement]]) -> None:
    """`metrics.json`: every value by part and name."""
    write_json(folder / "metrics.json", flat(measured))


def flat(measured: Mapping[str, Mapping[str, Measurement]]) -> dict[str, dict[str, float]]:
    """The values by part and name, the families side by side."""
    return {
        part: {name: value for family in families.values() for name, value in family.values.items()}
        for part, families in measured.items()
    }


def write_users(folder: Path, families: Mapping[str, Measurement], keys: Mapping[str, list[Any]]) -> None:
    """`users.parquet`: the metrics of each test user, with the user's own id."""
    for measurement in families.values():
        if measurement.user is None:
            continue
        users = measurement.user.tolist()
        frame = pl.DataFrame(
            {"user": [keys["user"][user] for user in users]}
            | {name: values.cpu().numpy() for name, values in measurement.per_user.items()}
        )
        draft = folder / f".users.parquet.{os.getpid()}"
        frame.write_parquet(draft)
        draft.replace(folder / "users.parquet")


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
