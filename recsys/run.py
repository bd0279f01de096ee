"""One run, from a composed config to its folder."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from omegaconf import DictConfig

from recsys import audit, flow, stops
from recsys.build import build
from recsys.check import check
from recsys.compose import Groups, values
from recsys.report import record
from recsys.resume import check_data, check_same, read, read_passport

Say = Callable[[str], None]


def execute(config: DictConfig, known: Groups, folder: Path, words: Sequence[str], say: Say) -> dict[str, Any]:
    """Build, check, prepare, train and record one run. Nothing is recorded before the data is prepared.

    Args:
        folder: where the run is recorded; no other process writes there. Made where it is missing.
        words: the overrides as typed, recorded so that the run can be resumed or repeated.
        say: takes lines for the person who watches.

    Returns:
        What `status.json` holds.

    Raises:
        UserError: the run cannot be done as it was asked for.
    """
    start = time.perf_counter()
    parts = build(config, known)
    remarks = check(parts)
    plain = values(config)
    passport = read_passport(parts.ckpt_path) if parts.ckpt_path else None
    if passport:
        check_same(passport, plain)
    earlier = read(parts.warm_start, "warm_start") if parts.warm_start and not parts.ckpt_path else None
    with stops.exits_at_sigterm():
        prepared = flow.prepare(parts)
    if passport:
        check_data(passport, prepared.artifact.keys, prepared.artifact.states, f"ckpt_path={parts.ckpt_path}")
    remarks = (*remarks, *audit.lines(prepared.audit))
    how = f"prepared in {prepared.seconds:.1f} s" if prepared.made else "prepared before, taken from the cache"
    say(f"data      {_sizes(prepared)}; {how}")
    for line in (*remarks, *prepared.encoded.notes):
        say(f"note      {line}")
    folder.mkdir(parents=True, exist_ok=True)
    say(f"run       {folder}")
    record.write_config(folder, plain)
    record.write_json(folder / "environment.json", record.environment(parts.seed))
    record.write_json(folder / "audit.json", audit.to_json(prepared.audit))
    status: dict[str, Any] = {"state": "running", "overrides": list(words), "choices": dict(parts.choices)}
    record.write_json(folder / "status.json", status)
    try:
        with stops.as_sent():
            outcome = flow.train(parts, prepared, folder, plain, earlier)
    except BaseException as error:
        reason = stops.reason(error, folder)
        record.write_json(folder / "status.json", {**status, "state": "failed", "reason": reason})
        raise
    record.write_results(folder, outcome.measured, outcome.shown, prepared.artifact.keys, outcome.vectors)
    for line in outcome.notes[len(prepared.encoded.notes) :]:
        say(f"note      {line}")
    status |= {
        "state": "finished",
        **parts.reading,
        "best_epoch": outcome.best_epoch,
        "parameters": outcome.parameters,
        "prepared": "made" if prepared.made else "cached",
        "seconds": {**outcome.seconds, "prepare": prepared.seconds, "all": time.perf_counter() - start},
        "notes": [*remarks, *outcome.notes],
    }
    record.write_json(folder / "status.json", status)
    return {**status, "metrics": record.flat(outcome.measured), "outcome": outcome}


def _sizes(prepared: flow.Prepared) -> str:
    encoded = prepared.encoded
    rows = [len(part.user) for part in (encoded.train, encoded.valid, encoded.test)]
    schema = encoded.schema
    return (
        f"{schema.n_users:,} users, {schema.n_items:,} items; "
        f"{rows[0]:,} training, {rows[1]:,} validation and {rows[2]:,} test rows"
    )


def threads(number: int) -> None:
    """Set how many threads torch uses in this process."""
    torch.set_num_threads(max(1, number))
