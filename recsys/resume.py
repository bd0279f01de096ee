"""Going on from a checkpoint: with the same config, in the same folder."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from recsys.types.errors import UserError

FREE = ("ckpt_path", "cache", "workers", "logger", "callbacks", "trainer.max_epochs", "trainer.accelerator")
"""Keys that may differ from the run that made the checkpoint."""


def ckpt_of(words: Sequence[str]) -> Path | None:
    """The checkpoint that the overrides name."""
    values = [word.partition("=")[2] for word in words if word.lstrip("+").startswith("ckpt_path=")]
    return Path(values[-1]).expanduser() if values and values[-1] not in ("null", "") else None


def folder_of(checkpoint: Path, key: str = "ckpt_path") -> Path:
    """The folder of the run that made a checkpoint.

    Args:
        key: how it was named, for the message.

    Raises:
        UserError: there is no such file, or it lies in no run's folder.
    """
    if checkpoint.is_dir():
        raise UserError(f"{key}={checkpoint}: a folder; name a file, of a run its checkpoints/last.ckpt")
    if not checkpoint.is_file():
        there = sorted(file.name for file in checkpoint.parent.glob("*.ckpt"))
        has = f"; the folder has {', '.join(there)}" if there else ""
        raise UserError(f"{key}={checkpoint}: no such file{has}")
    folder = checkpoint.parent.parent
    if not (folder / "status.json").is_file():
        raise UserError(f"{key}={checkpoint}: {folder} is no run's folder, it has no status.json")
    return folder


def check_place(words: Sequence[str], folder: Path) -> None:
    """Refuse another folder than the one of the run that is gone on with.

    Raises:
        UserError: the overrides name one.
    """
    for word in words:
        key, _, place = word.partition("=")
        if key == "hydra.run.dir" and Path(place).expanduser().resolve() != folder.resolve():
            raise UserError(
                f"{word}: a run goes on in its own folder, {folder}; leave hydra.run.dir out, or start a run "
                "of its own from these weights with warm_start"
            )


def overrides_of(folder: Path) -> list[str]:
    """The overrides of a run, as they were typed."""
    return json.loads((folder / "status.json").read_text(encoding="utf-8"))["overrides"]


def check_same(passport: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    """Refuse to go on with another config than the checkpoint was made with.

    Args:
        passport: of the checkpoint.

    Raises:
        UserError: names each key that differs.
    """
    before, now = dict(_flat(passport["config"])), dict(_flat(config))
    problems = [
        f"{key}: the checkpoint was made with {before.get(key)!r}, now it is {now.get(key)!r}; "
        "resume with the same, or start a new run"
        for key in sorted(before.keys() | now.keys())
        if before.get(key) != now.get(key) and not any(key == f or key.startswith(f"{f}.") for f in FREE)
    ]
    if problems:
        raise UserError(*problems)


def check_data(
    passport: Mapping[str, Any], keys: Mapping[str, Sequence[Any]], states: Mapping[str, Any], named: str
) -> None:
    """Refuse a checkpoint whose ids or encoders were fitted to other data.

    Args:
        passport: of the checkpoint.
        keys: the ids of each side, as the data has them now.
        states: of the encoders.
        named: the checkpoint with its key, for the message.

    Raises:
        UserError: names what differs.
    """
    from recsys.ops.comparing import same

    for side, ids in keys.items():
        if list(ids) != list(passport["keys"][side]):
            raise UserError(f"{named}: the data has other {side}s now than in training")
    differing = [name for name, state in states.items() if not same(state, passport["states"].get(name))]
    if differing:
        raise UserError(
            f"{named}: {', '.join(differing)}: encoded otherwise now than in training; "
            "the data or the code that encodes it has changed"
        )


def read_passport(checkpoint: Path, key: str = "ckpt_path") -> dict[str, Any]:
    """What a checkpoint carries beside weights.

    Args:
        key: how it was named, for the message.

    Raises:
        UserError: the file is none of ours.
    """
    return read(checkpoint, key)["recsys"]


def read(checkpoint: Path, key: str) -> dict[str, Any]:
    """A checkpoint of ours.

    Args:
        key: how it was named, for the message.

    Raises:
        UserError: the file is none of ours.
    """
    import torch

    try:
        found = torch.load(checkpoint, weights_only=True, map_location="cpu")
        return {"recsys": found["recsys"], **found}
    except Exception as error:
        raise UserError(f"{key}={checkpoint}: not a checkpoint of recsys ({type(error).__name__})") from None


def later_wins(words: Sequence[str]) -> list[str]:
    """The overrides without those that a later one of the same key replaces."""
    last = {word.partition("=")[0].lstrip("+~"): place for place, word in enumerate(words)}
    return [word for place, word in enumerate(words) if last[word.partition("=")[0].lstrip("+~")] == place]


def _flat(config: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(config, Mapping) and config:
        for key, value in config.items():
            yield from _flat(value, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, config
