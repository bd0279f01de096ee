"""Measuring again what is there: a finished run, or another system's predictions on our split."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from omegaconf import DictConfig, open_dict

from recsys import flow, predictions
from recsys.build import Parts, build
from recsys.check import refusals
from recsys.compose import Groups, values
from recsys.ops.indexing import key_of
from recsys.report import record
from recsys.resume import FREE, check_data, read_passport
from recsys.train.module import Recommender
from recsys.types import UserError

Say = Callable[[str], None]

MEASURING = ("metrics", "eval", "slices", "calibration", "monitor")
"""Keys of a finished run that can be changed when it is measured again."""


def of_checkpoint(
    config: DictConfig, known: Groups, checkpoint: Path, folder: Path, words: Sequence[str], say: Say
) -> dict[str, Any]:
    """Measure the model of a checkpoint under the config's metrics, protocol, slices and calibration.

    Everything else is as the checkpoint has it, whatever the defaults are now.

    Args:
        folder: where the results are recorded; no other process writes there. Made where it is missing.
        words: all overrides, those of the run first.

    Returns:
        What `status.json` holds, with `metrics` and `outcome`.

    Raises:
        UserError: the file is no checkpoint of ours, or the data is not the same.
    """
    start = time.perf_counter()
    passport = read_passport(checkpoint, "ckpt")
    _take(config, passport["config"])
    parts, plain = _checked(build(config, known), model=True), values(config)
    prepared = flow.prepare(parts)
    check_data(passport, prepared.artifact.keys, prepared.artifact.states, f"ckpt={checkpoint}")
    recommender = flow.assemble(parts, prepared.encoded, prepared.moments, passport)
    recommender.load_state_dict(torch.load(checkpoint, weights_only=True, map_location="cpu")["state_dict"])
    outcome = flow.evaluate(parts, prepared, recommender, folder)
    about = {"of": str(checkpoint), "overrides": list(words), "seconds": {"all": time.perf_counter() - start}}
    return _record(parts, prepared, outcome, folder, plain, about, say)


def of_predictions(
    config: DictConfig, known: Groups, file: Path, folder: Path, words: Sequence[str], say: Say
) -> dict[str, Any]:
    """Measure a file of (user, item, score) rows on the config's split.

    Raises:
        UserError: the file cannot be used; nothing is written then.
    """
    start = time.perf_counter()
    parts = _checked(build(config, known), model=False)
    if parts.choices.get("calibration", "none") != "none":
        raise UserError("calibration: a file of predictions is measured as it is; choose calibration=none")
    prepared = flow.prepare(parts)
    users, items = prepared.artifact.keys["user"], prepared.artifact.keys["item"]
    names = (key_of(parts.data.columns.user), key_of(parts.data.columns.item))
    scores = predictions.read(file, users, items, names)
    measuring = flow.evaluator(parts, prepared.encoded, prepared.moments)
    recommender = Recommender(scores.model, measuring, seed=parts.seed)
    outcome = flow.evaluate(parts, prepared, recommender, folder, valid=False)
    outcome = replace(
        outcome, notes=(*scores.notes, *_gaps(prepared, scores.model, recommender), *outcome.notes)
    )
    about = {"of": str(file), "overrides": list(words), "seconds": {"all": time.perf_counter() - start}}
    return _record(parts, prepared, outcome, folder, values(config), about, say)


def check_words(words: Sequence[str]) -> None:
    """Refuse to change of a finished run what its training depended on.

    Raises:
        UserError: names each override.
    """
    said = f"recsys evaluate changes {', '.join(MEASURING)} of a run and no more; train another run for it"
    roots = [re.split(r"[./]", word.partition("=")[0].lstrip("+~"))[0] for word in words]
    allowed = {*MEASURING, "cache", "hydra"}
    problems = [f"{word}: {said}" for word, root in zip(words, roots, strict=True) if root not in allowed]
    if problems:
        raise UserError(*problems)


def _take(config: DictConfig, before: Mapping[str, Any]) -> None:
    """Replace by the checkpoint's values all that measuring does not decide."""
    with open_dict(config):
        for key, value in before.items():
            if key not in (*MEASURING, *FREE):
                config[key] = value


def _checked(parts: Parts, *, model: bool) -> Parts:
    reasons = refusals(parts) if model else refusals(parts, without=("model", "sampling", "loss"))
    if reasons:
        raise UserError(*reasons)
    return parts


def _gaps(prepared: flow.Prepared, model: predictions.Listed, recommender: Recommender) -> list[str]:
    """Who and what of the test part the file says nothing of."""
    n_items = prepared.encoded.schema.n_items
    listed = torch.bincount(model.pairs // n_items, minlength=prepared.encoded.schema.n_users)
    notes = []
    last = recommender.last["test"]
    if recommender.evaluator.lists:
        asked = last.lists.user
        missing = int((listed[asked] == 0).sum())
        if missing:
            notes.append(f"{missing:,} of {len(asked):,} test users have no row; they count as not served")
    if recommender.evaluator.of_rows:
        scored, rows = len(last.labelled.predictions.user), len(prepared.encoded.test.user)
        if scored < rows:
            notes.append(
                f"{rows - scored:,} of {rows:,} test rows have no score; metrics of rows leave them out"
            )
    return [f"predictions: {note}" for note in notes]


def _record(
    parts: Parts,
    prepared: flow.Prepared,
    outcome: flow.Outcome,
    folder: Path,
    config: dict[str, Any],
    about: dict[str, Any],
    say: Say,
) -> dict[str, Any]:
    for line in (*parts.remarks, *outcome.notes):
        say(f"note      {line}")
    folder.mkdir(parents=True, exist_ok=True)
    record.write_config(folder, config)
    record.write_json(folder / "environment.json", record.environment(parts.seed))
    record.write_results(folder, outcome.measured, outcome.shown, prepared.artifact.keys, outcome.vectors)
    status = about | {
        "state": "finished",
        "choices": dict(parts.choices),
        **parts.reading,
        "notes": [*parts.remarks, *outcome.notes],
    }
    record.write_json(folder / "status.json", status)
    return status | {"metrics": record.flat(outcome.measured), "outcome": outcome}
