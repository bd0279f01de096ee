"""Runs read back from their folders."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from recsys.types.errors import UserError


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes:
        config: every value by its dotted key.
        choices: the choice of each axis by name.
        monitor: the metric that its best epoch was chosen by (`ndcg@10`).
        directions: whether higher is better, by metric, as far as the run says.
    """

    folder: Path
    config: Mapping[str, Any]
    choices: Mapping[str, str]
    monitor: str
    directions: Mapping[str, bool]

    @property
    def metrics(self) -> list[str]:
        """The metrics that have a value for each test user."""
        return [name for name in pl.read_parquet_schema(self._users) if name != "user"]

    def users(self, names: Sequence[str] = ()) -> pl.DataFrame:
        """`user` as text and the metrics of the names, ordered by user."""
        frame = pl.read_parquet(self._users, columns=["user", *names])
        return frame.with_columns(pl.col("user").cast(pl.String)).sort("user")

    @property
    def _users(self) -> Path:
        return self.folder / "users.parquet"


def read(folders: Sequence[Path]) -> list[Run]:
    """The runs of the folders; a sweep's folder stands for its finished runs.

    Raises:
        UserError: a folder holds no run, or none that is finished; names all such.
    """
    found, problems = {}, []
    for folder in folders:
        try:
            found |= {run.folder.resolve(): run for run in _runs(folder)}
        except UserError as error:
            problems += error.problems
    if problems:
        raise UserError(*problems)
    return list(found.values())


def _runs(folder: Path) -> Iterator[Run]:
    if (folder / "status.json").is_file():
        yield _run(folder)
        return
    inside = sorted(folder.glob("*/status.json"), key=lambda file: (len(file.parent.name), file.parent.name))
    if not inside:
        raise UserError(
            f"{folder}: not the folder of a run or a sweep, it has no status.json; give the folder that "
            "recsys train printed last"
        )
    states = {file.parent: _status(file.parent)["state"] for file in inside}
    if "finished" not in states.values():
        raise UserError(f"{folder}: none of its {len(states)} runs is finished")
    yield from (_run(run) for run, state in states.items() if state == "finished")


def _status(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "status.json").read_text(encoding="utf-8"))


def _run(folder: Path) -> Run:
    status = _status(folder)
    if status["state"] != "finished":
        reason = f" ({status['reason']})" if "reason" in status else ""
        raise UserError(
            f"{folder}: the run is {status['state']}, not finished{reason}; only finished runs compare"
        )
    missing = [name for name in ("config.yaml", "users.parquet") if not (folder / name).is_file()]
    if missing:
        raise UserError(
            f"{folder}: has no {' and no '.join(missing)}; what is compared are users' values, which "
            "metrics=ranking and metrics=all write"
        )
    monitor = status["monitor"].removeprefix("valid/")
    return Run(
        folder=folder,
        config=dict(_flat(yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8")))),
        choices=status.get("choices", {}),
        monitor=monitor,
        directions={**status.get("directions", {}), monitor: status["higher_is_better"]},
    )


def _flat(config: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(config, Mapping) and config:
        for key, value in config.items():
            yield from _flat(value, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, config
