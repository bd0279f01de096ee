"""The run: one function per arrow, in the order of the arrows.

data -> label -> split -> features, encoders -> sampling -> model -> loss
                                            \\-> calibration -> metrics, slices -> report
"""

import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytorch_lightning as pl
import torch
from lightning_fabric.utilities.exceptions import MisconfigurationException
from torch import Tensor

from recsys import moments
from recsys.audit import refuse_broken
from recsys.build import Parts
from recsys.cache import audit_once, encode_once
from recsys.encode import Artifact, restore
from recsys.ops import statistics
from recsys.train import optimizers, processes, silence, warm
from recsys.train.datamodule import Data
from recsys.train.evaluator import Evaluator
from recsys.train.loggers import Closing
from recsys.train.measure import block_of
from recsys.train.module import Recommender
from recsys.train.moments import Moments
from recsys.train.pace import Pace
from recsys.types import Audit, Encoded, Facts, Measurement, Shown, UserError

Mode = Literal["steps", "once", "measure", "search"]
"""What a trainer is for: step by step, fitting at once, measuring alone, or looking for a learning rate."""

ALONE: Mapping[str, Any] = {"devices": 1, "strategy": "auto"}
MODES: Mapping[Mode, Mapping[str, Any]] = {
    "steps": {},
    "once": {**ALONE, "max_epochs": 1, "gradient_clip_val": None, "accumulate_grad_batches": 1},
    "measure": ALONE,
    "search": {**ALONE, "max_epochs": -1, "accumulate_grad_batches": 1, "limit_val_batches": 0},
}
"""What goes before the config's trainer, by what it is for."""


@dataclass(frozen=True)
class Prepared:
    """Data that is ready to be learnt from.

    Attributes:
        made: whether it was made now, rather than found in the cache.
        seconds: how long that took.
        audit: what was found between the parts of the split.
    """

    encoded: Encoded
    artifact: Artifact
    moments: Moments
    made: bool
    seconds: float
    audit: Audit


@dataclass(frozen=True)
class Outcome:
    """What a run comes to.

    Attributes:
        measured: by part (`valid`, `test`) and metric family.
        best_epoch: the epoch that was chosen, counted from 0; None where the model is fitted in one step.
        seconds: of fitting and of testing.
        shown: what is recommended to the test users, where that was asked for.
        vectors: of all users and items, `[entities, D]`, under `user` and `item`, where that was asked for.
    """

    measured: Mapping[str, Mapping[str, Measurement]]
    best_epoch: int | None
    parameters: int
    seconds: Mapping[str, float]
    shown: Sequence[Shown]
    vectors: Mapping[str, Tensor]
    notes: tuple[str, ...]


def prepare(parts: Parts) -> Prepared:
    """data -> label -> split -> encoders, through the cache.

    Raises:
        UserError: the data cannot be read, the split breaks its promise, or a held-out part has no positive.
    """
    start = time.perf_counter()
    artifact, made = encode_once(parts)
    encoded, audit = restore(artifact, parts), audit_once(parts)
    refuse_broken(audit, parts.choices.get("split", "yours"))
    for name, rows in (("validation", encoded.valid), ("test", encoded.test)):
        if not bool((rows.label > 0).any()):
            raise UserError(
                f"split: the {name} part has no positive among its {len(rows.label):,} rows, so nothing can be "
                "measured on it; hold out more, or choose another split (recsys list split)"
            )
    known = moments.restore(parts, artifact.tensors, artifact.states)
    return Prepared(encoded, artifact, known, made, time.perf_counter() - start, audit)


def evaluator(parts: Parts, encoded: Encoded, known: Moments) -> Evaluator:
    """metrics, with what they know beside the model."""
    train, time = encoded.train, encoded.train.time
    facts = Facts(
        counts=statistics.count(train, encoded.schema),
        graph=statistics.link(train, encoded.schema),
        users=encoded.attributes.get("user", {}),
        items=encoded.attributes.get("item", {}),
        cutoff=None if time is None else int(time.max()),
        keys=encoded.keys,
        links=parts.data.links,
    )
    return Evaluator(parts.metrics, parts.protocol, encoded, facts, parts.slicers, known)


def assemble(
    parts: Parts, encoded: Encoded, known: Moments, passport: Mapping[str, Any] | None = None
) -> Recommender:
    """sampling -> model -> loss, and the metrics, as one LightningModule."""
    pl.seed_everything(parts.seed, verbose=False)
    measuring = evaluator(parts, encoded, known)
    facts, schema, train = measuring.facts, encoded.schema, encoded.train
    nouns = (schema, facts.counts, facts.graph, facts, train)
    # What a row of weight 0 says is known, no negative and no candidate, but no model learns from it.
    learnt = facts.graph if train.weight is None else statistics.link(statistics.learnt(train), schema)
    model = parts.model(schema, facts.counts, learnt, facts, train)
    rest: dict[str, Any] = {}
    if model.samples or not model.fits:
        rest["sampler"] = parts.sampling(*nouns)
    if not model.fits:
        rest |= {
            "loss": parts.loss(*nouns),
            "optimizer": partial(optimizers.over, recipe=parts.optimizer, decay=parts.embedding_decay),
        }
        if optimizers.takes_sparse(parts.optimizer):
            optimizers.make_sparse(model)
    return Recommender(model, measuring, seed=parts.seed, passport=passport, **rest)


def data_module(parts: Parts, encoded: Encoded, recommender: Recommender) -> Data:
    """The batches and blocks that the trainer asks for."""
    sampler = recommender.sampler
    return Data(
        encoded,
        draws=sampler.rows if sampler else None,
        evaluator=recommender.evaluator,
        batch_size=parts.batch_size,
        block=block_of(recommender.model, encoded.schema.n_items),
        seed=parts.seed,
    )


def train(
    parts: Parts,
    prepared: Prepared,
    folder: Path,
    config: Mapping[str, Any],
    earlier: Mapping[str, Any] | None = None,
) -> Outcome:
    """Fit, choose the best epoch, and measure it on the test part.

    Args:
        earlier: checkpoint whose weights are begun with.
    """
    passport = {"config": config, "states": prepared.artifact.states, "keys": prepared.artifact.keys}
    recommender = assemble(parts, prepared.encoded, prepared.moments, passport)
    begun = begin_with(earlier, recommender, prepared) if earlier else []
    data = data_module(parts, prepared.encoded, recommender)
    trainer = make_trainer(parts, folder, "once" if recommender.model.fits else "steps")
    if trainer.world_size > 1:
        # A table whose gradient may be sparse or dense cannot be averaged; dense has the same effect.
        optimizers.make_sparse(recommender, sparse=False)
    start = time.perf_counter()
    with warnings.catch_warnings(), _logging(trainer, config), _translated(MisconfigurationException):
        silence.warned()
        with processes.one_message(), silence.started():
            trainer.fit(recommender, data, ckpt_path=parts.ckpt_path, weights_only=True)
        seconds = {"fit": time.perf_counter() - start}
        epoch = _best(trainer, recommender, folder)
        alone = trainer if trainer.world_size == 1 else make_trainer(parts, folder, "measure")
        _measure(parts, alone, recommender, data)
        seconds["measure"] = time.perf_counter() - start - seconds["fit"]
    outcome = _outcome(prepared, recommender, data, seconds, epoch)
    return replace(outcome, notes=(*outcome.notes, *begun))


def begin_with(earlier: Mapping[str, Any], recommender: Recommender, prepared: Prepared) -> list[str]:
    """Take over the weights of an earlier model; lines that say what was not.

    Raises:
        UserError: nothing could be taken over.
    """
    passport, artifact = earlier["recsys"], prepared.artifact
    before = warm.Vocabularies(passport["states"], passport["keys"])
    now = warm.Vocabularies(artifact.states, artifact.keys)
    taken, notes = warm.take_over(recommender, earlier["state_dict"], before, now)
    if not taken:
        model = passport["config"]["model"]["_target_"]
        raise UserError(
            f"warm_start: nothing fits; the checkpoint is of {model}, choose the same model and sizes"
        )
    return [f"warm_start: {note}" for note in notes]


def evaluate(
    parts: Parts, prepared: Prepared, recommender: Recommender, folder: Path, *, valid: bool = True
) -> Outcome:
    """Measure a model that is fitted.

    Args:
        valid: measure the validation part too, and fit the calibration on it.
    """
    data = data_module(parts, prepared.encoded, recommender)
    trainer = make_trainer(parts, folder, "measure", log=False)
    start = time.perf_counter()
    with warnings.catch_warnings(), _translated(MisconfigurationException):
        silence.warned()
        _measure(parts, trainer, recommender, data, valid=valid)
    return _outcome(prepared, recommender, data, {"measure": time.perf_counter() - start}, None)


def _measure(
    parts: Parts, trainer: pl.Trainer, recommender: Recommender, data: Data, *, valid: bool = True
) -> None:
    """valid, then calibration, then test."""
    if valid:
        trainer.validate(recommender, data, verbose=False)
    if valid and recommender.evaluator.of_rows:
        rows = recommender.last["valid"].labelled.predictions
        odds = recommender.sampler.odds if recommender.sampler else 1.0
        state = parts.calibration.fit(rows.logit.double(), (rows.label > 0).double(), odds=odds)
        recommender.calibrate = partial(parts.calibration.apply, state=state)
        recommender.passport["calibration"] = state
    trainer.test(recommender, data, verbose=False)


def _outcome(
    prepared: Prepared, recommender: Recommender, data: Data, seconds: Mapping[str, float], epoch: int | None
) -> Outcome:
    return Outcome(
        measured=recommender.measured,
        best_epoch=epoch,
        parameters=sum(p.numel() for p in recommender.parameters()),
        seconds=seconds,
        shown=recommender.last["test"].lists.shown,
        vectors=recommender.last["test"].vectors,
        notes=(*prepared.encoded.notes, *recommender.model.notes, *_notes(data)),
    )


def make_trainer(
    parts: Parts, folder: Path, mode: Mode, *, log: bool = True, instead: Mapping[str, Any] | None = None
) -> pl.Trainer:
    """Lightning's trainer with the chosen callbacks and loggers.

    Args:
        mode: what it is for.
        log: with the chosen loggers.
        instead: what goes before the config and all this.
    """
    nouns = (parts.monitor, folder)
    silent = {"num_sanity_val_steps": 0, "log_every_n_steps": 1_000_000, "enable_model_summary": False}
    ours: dict[str, Any] = {
        "logger": [recipe(*nouns) for recipe in parts.loggers.values()] if log else False,
        "default_root_dir": folder,
        "enable_progress_bar": False,
        "enable_checkpointing": False,
        "callbacks": [],
    }
    if mode == "steps":
        chosen = [recipe(*nouns) for recipe in parts.callbacks.values()]
        ours["callbacks"] = [silence.Silence(), Pace(parts.schedule(), parts.monitor), *chosen]
        ours["enable_checkpointing"] = "best_checkpoint" in parts.callbacks
    silence.logged()
    torch.utils.deterministic.fill_uninitialized_memory = False  # pyright: ignore
    with _translated(MisconfigurationException, ValueError, TypeError):
        trainer = pl.Trainer(**{**silent, **parts.trainer.keywords, **ours, **MODES[mode], **(instead or {})})
    processes.refuse(trainer, list(parts.loggers))
    return trainer


@contextmanager
def _translated(*errors: type[Exception]) -> Iterator[None]:
    """Lightning's own refusals as ours.

    Raises:
        UserError: one of the errors came.
    """
    try:
        yield
    except errors as error:
        raise UserError(f"trainer: {str(error).splitlines()[0]}") from None


@contextmanager
def _logging(trainer: pl.Trainer, config: Mapping[str, Any]) -> Iterator[None]:
    """Hand the config to every logger, and close those that stay open from fitting to testing."""
    failed = True
    try:
        for logger in trainer.loggers:
            logger.log_hyperparams(dict(config))
        yield
        failed = False
    finally:
        for logger in trainer.loggers:
            if isinstance(logger, Closing):
                logger.close(failed=failed)


def _best(trainer: pl.Trainer, recommender: Recommender, folder: Path) -> int | None:
    """Load the best weights, and say which epoch they are of; without a choice the last stay."""
    callback = trainer.checkpoint_callback
    path = getattr(callback, "best_model_path", "")
    if not path:
        trainer.save_checkpoint(folder / "checkpoints" / "best.ckpt", weights_only=False)
        return None
    checkpoint = torch.load(path, weights_only=True)
    recommender.load_state_dict(checkpoint["state_dict"])
    return checkpoint["epoch"]


def _notes(data: Data) -> list[str]:
    """What a reader should know of the queries of each part."""
    return [f"{part}: {note}" for part, notes in data.notes.items() for note in notes]
