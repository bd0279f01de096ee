"""From a split to features at a moment: what they look up, and how their answers are encoded."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl
import torch
from torch import Tensor

from recsys.build import Parts
from recsys.encoders import Encoder, State
from recsys.features import Feature
from recsys.ops import csr
from recsys.ops.indexing import key_of
from recsys.train.moments import NO_TIME, Encoding, Moments
from recsys.types import Answer, Attribute, Csr, History, Split
from recsys.types.events import CLOSES

FITTED_ON = 200_000
"""Training rows, evenly spread, that the answers' encoders are fitted on."""
HELD = "label.held"
"""Marks the held-out rows among all; no source has a column that begins so."""


def prepare(
    split: Split, parts: Parts, raw: Mapping[str, Mapping[str, Attribute]]
) -> tuple[dict[str, Tensor], dict[str, State]]:
    """What the features look up, and what the encoders of their answers were fitted to, by stored name."""
    log = history(split, raw)
    features = made(parts)
    indexes = {name: feature.index(log) for name, feature in features.items()}
    moments = Moments(features, indexes, ())
    states = {}
    training = _training(split)
    for answer, encoder in used(parts):
        sequence = answer.type == "sequence"
        values = _known(split, answer.of, raw) if sequence else _values(moments, answer, training)
        states[f"feature.{answer.name}"] = encoder.fit(values)
    tensors = {
        f"feature.{name}.{key}": tensor for name, index in indexes.items() for key, tensor in index.items()
    }
    return tensors, states


def restore(parts: Parts, tensors: Mapping[str, Tensor], states: Mapping[str, State]) -> Moments:
    """The features as `prepare` left them."""
    features = made(parts)
    indexes = {name: _below(f"feature.{name}.", tensors) for name in features}
    encodings = tuple(
        Encoding(answer, encoder, states[f"feature.{answer.name}"]) for answer, encoder in used(parts)
    )
    return Moments(features, indexes, encodings)


def _below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): t for key, t in tensors.items() if key.startswith(prefix)}


def made(parts: Parts) -> dict[str, Feature]:
    """The chosen features."""
    return {name: recipe() for name, recipe in parts.features.items()}


def used(parts: Parts) -> Iterator[tuple[Answer, Encoder]]:
    """Every answered column that is used, with its encoder."""
    for feature in made(parts).values():
        for answer in feature.columns(parts.columns):
            recipe = parts.encoder(answer.name, answer.type)
            encoder = recipe() if recipe else None
            if encoder is not None and encoder.used and (parts.cross or answer.side != "cross"):
                yield answer, encoder


def history(split: Split, raw: Mapping[str, Mapping[str, Attribute]]) -> History:
    """All three parts as one log, in order of time; without time, as they come, all at `NO_TIME`.

    Of an event whose label closes later than it happens neither label nor feedback is told: at no moment before
    that is it known.
    """
    train = split.train.events
    parts = (train, split.valid.events, split.test.events)
    marked = [events.log.with_columns(pl.lit(events is not train).alias(HELD)) for events in parts]
    log = _timed(pl.concat(marked)).sort("time", maintain_order=True)
    told = [name for name, type_ in train.columns.feedback.items() if type_ in ("flag", "number")]
    if CLOSES in log.columns:
        late = (pl.col(CLOSES) > pl.col("time")).fill_null(False)
        log = log.with_columns(pl.when(~late).then(pl.col(name)).alias(name) for name in ("label", *told))
    return History(
        user=_tensor(log["user"], pl.Int64),
        item=_tensor(log["item"], pl.Int64),
        time=_tensor(log["time"], pl.Int64),
        label=_tensor(log["label"], pl.Float32),
        n_users=len(train.users),
        n_items=len(train.items),
        cutoff=_last(_timed(train.log)),
        impressions=train.impressions,
        feedback={name: _tensor(log[name], pl.Float32) for name in told},
        users=raw["user"],
        items=raw["item"],
        keys={
            "user": train.users[key_of(train.columns.user)],
            "item": train.items[key_of(train.columns.item)],
        },
        held=_tensor(log[HELD], pl.Boolean),
    )


def _timed(log: pl.DataFrame) -> pl.DataFrame:
    """The log, with a time in any case."""
    return log if "time" in log.columns else log.with_columns(time=pl.lit(NO_TIME, dtype=pl.Int64))


def _last(log: pl.DataFrame) -> int:
    last: Any = log["time"].max()
    return int(last)


def _tensor(values: pl.Series, dtype: Any) -> Tensor:
    missing = float("nan") if dtype == pl.Float32 else None
    cast = values.cast(dtype)
    return torch.from_numpy((cast if missing is None else cast.fill_null(missing)).rechunk().to_numpy().copy())


def _training(split: Split) -> tuple[Tensor, Tensor, Tensor]:
    """User, item and time of training rows, evenly spread over the log."""
    log = _timed(split.train.events.log)
    at = np.unique(np.linspace(0, len(log) - 1, min(len(log), FITTED_ON)).astype(np.int64))
    rows = log.select("user", "item", "time")[at]
    user, item, time = (_tensor(rows[name], pl.Int64) for name in ("user", "item", "time"))
    return user, item, time


def _values(moments: Moments, answer: Answer, training: tuple[Tensor, Tensor, Tensor]) -> pl.Series:
    """What the encoder of a number may see: the answers to training rows."""
    user, item, time = training
    return pl.Series(moments.raw(answer, user, item, time).double().numpy(), nan_to_null=True)


def _known(split: Split, column: str | None, raw: Mapping[str, Mapping[str, Attribute]]) -> pl.Series:
    """What the encoder of a sequence may see: all items of training, not only those of the rows fitted on.

    Args:
        column: of the items, whose values the sequence has in their place.
    """
    items = split.train.events.log["item"].unique().sort().cast(pl.Int64)
    if column is None:
        return items
    values, places = raw["item"][column].values, torch.from_numpy(items.to_numpy().copy())
    codes = csr.take(values, places).idx if isinstance(values, Csr) else values[places]
    return pl.Series(codes[codes >= 0].numpy())
