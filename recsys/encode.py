"""From a split of frames to tensors: encoders are fitted on training values and applied to all."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import polars as pl
import torch
from torch import Tensor

from recsys import moments
from recsys.build import Parts
from recsys.encoders import Encoder, State
from recsys.ops.indexing import key_of, time_of
from recsys.ops.raw import attributes, from_tensors, to_tensors
from recsys.types import (
    TASK,
    WEIGHT,
    Attribute,
    Columns,
    ColumnType,
    Encoded,
    Field,
    HoldoutRows,
    Rows,
    Schema,
    Side,
    Split,
    Train,
    TrainRows,
)

Raw = Mapping[str, Mapping[str, tuple[ColumnType, list[str]]]]

SomeRows = TypeVar("SomeRows", bound=Rows)


@dataclass(frozen=True)
class Artifact:
    """What encoding comes to, in a form that can be stored.

    Attributes:
        tensors: `<side>.<column>` for entities; `<part>.user`, `.item`, `.label`, `.time`, `.weight`,
            `<part>.context.<column>` and `<part>.task.<name>` for rows; `raw.<side or part>.<column>` for raw
            columns.
        raw: type and names of each raw column, by `<side or part>` and column.
            `feature.<name>.<key>` is what a feature looks its answers up in.
        states: what each encoder was fitted to, by `<side>.<column>`.
        keys: the id of each user and item, in index order.
        notes: lines for the reader of the results.
    """

    tensors: Mapping[str, Tensor]
    states: Mapping[str, State]
    keys: Mapping[str, list[Any]]
    notes: tuple[str, ...]
    raw: Raw


@dataclass(frozen=True)
class _Column:
    name: str
    side: Side
    type: ColumnType
    encoder: Encoder

    @property
    def key(self) -> str:
        return f"{self.side}.{self.name}"


def encode(split: Split, parts: Parts) -> Artifact:
    """Fit every encoder on the training part and apply it to the entities and to all rows."""
    columns, notes = _chosen(split.train.events.columns, parts)
    states, tensors = {}, {}
    for column in columns:
        state = column.encoder.fit(_training_values(split.train, column))
        states[column.key] = state
        if column.side != "context":
            frame = _entities(split, column.side)
            tensors[column.key] = column.encoder.encode(frame[column.name], state)
    for part, log in _logs(split):
        tensors |= _row_tensors(part, log)
        for column in columns:
            if column.side == "context":
                values = log[_in_log(split, column.name)]
                encoded = column.encoder.encode(values, states[column.key])
                tensors[f"{part}.context.{column.name}"] = encoded
    raw = _raw(split)
    for place, columns_ in raw.items():
        for name, attribute in columns_.items():
            tensors |= to_tensors(f"raw.{place}.{name}", attribute)
    described: Raw = {
        place: {name: (a.type, list(a.names)) for name, a in of.items()} for place, of in raw.items()
    }
    keys = {side: _entities(split, side)[_key_column(split, side)].to_list() for side in ("user", "item")}
    if parts.features:
        found, fitted = moments.prepare(split, parts, raw)
        tensors |= found
        states |= fitted
    notes += [line for state in states.values() for line in state.get("notes", ())]
    return Artifact(tensors, states, keys, (*split.notes, *notes), described)


def _raw(split: Split) -> dict[str, dict[str, Attribute]]:
    """The raw columns of users and items, keys left out, and of the context of held-out rows."""
    columns = split.train.events.columns
    raw = {}
    for side, types in (("user", columns.user), ("item", columns.item)):
        kept: dict[str, ColumnType] = {
            name: type_ for name, type_ in types.items() if name != _key_column(split, side)
        }
        raw[side] = attributes(_entities(split, side), kept)
    context = [pl.col(_in_log_of(columns, name)).alias(name) for name in columns.context]
    for part, log in _logs(split):
        if part != "train":
            raw[part] = attributes(log.select(context), columns.context)
    return raw


def restore(artifact: Artifact, parts: Parts) -> Encoded:
    """The nouns that models and samplers read, from a stored or a fresh artifact."""
    columns, _ = _chosen(parts.columns, parts)
    fields = tuple(
        Field(
            name=column.name,
            side=column.side,
            type=column.type,
            table=artifact.tensors.get(column.key),
            module=partial(column.encoder.module, artifact.states[column.key]),
        )
        for column in columns
    )
    fields += tuple(
        Field(
            name=answer.name,
            side="context" if answer.side == "user" else answer.side,
            type=answer.type,
            table=None,
            module=partial(encoder.module, artifact.states[f"feature.{answer.name}"]),
        )
        for answer, encoder in moments.used(parts)
    )
    n_users, n_items = (len(artifact.keys[side]) for side in ("user", "item"))
    return Encoded(
        schema=Schema(n_users, n_items, fields, parts.tasks),
        train=_rows(artifact.tensors, "train", TrainRows),
        valid=_rows(artifact.tensors, "valid", HoldoutRows),
        test=_rows(artifact.tensors, "test", HoldoutRows),
        impressions=parts.data.impressions,
        notes=artifact.notes,
        attributes={
            place: {
                name: from_tensors(f"raw.{place}.{name}", artifact.tensors, type_, tuple(names))
                for name, (type_, names) in of.items()
            }
            for place, of in artifact.raw.items()
        },
        keys=artifact.keys,
    )


def _chosen(columns: Columns, parts: Parts) -> tuple[list[_Column], list[str]]:
    """The encoded columns with their encoders, and a line that names the others."""
    sides: dict[Side, Mapping[str, ColumnType]] = {
        "user": columns.user,
        "item": columns.item,
        "context": {name: type_ for name, type_ in columns.context.items() if type_ != "id"},
    }
    chosen, unused = [], [f"context.{name} (id)" for name, type_ in columns.context.items() if type_ == "id"]
    for side, types in sides.items():
        for name, type_ in types.items():
            recipe = parts.encoder(name, type_)
            encoder = recipe() if recipe else None
            if encoder is None or not encoder.used:
                unused.append(f"{side}.{name} ({type_})")
            else:
                chosen.append(_Column(name, side, type_, encoder))
    return chosen, [f"columns not used: {', '.join(unused)}"] if unused else []


def _training_values(train: Train, column: _Column) -> pl.Series:
    """What the encoder may see: a value for each entity that training knows, or for each training row."""
    events = train.events
    if column.side == "context":
        return events.log[_in_log_of(events.columns, column.name)]
    frame = events.users if column.side == "user" else events.items
    known = events.log[column.side].unique().sort()
    return frame[column.name].gather(known)


def _entities(split: Split, side: str) -> pl.DataFrame:
    events = split.train.events
    return events.users if side == "user" else events.items


def _key_column(split: Split, side: str) -> str:
    columns = split.train.events.columns
    return key_of(columns.user if side == "user" else columns.item)


def _in_log(split: Split, name: str) -> str:
    return _in_log_of(split.train.events.columns, name)


def _in_log_of(columns: Columns, name: str) -> str:
    """The event time is kept as `time`, whatever the source calls it."""
    return "time" if name == time_of(columns) else name


def _logs(split: Split) -> Iterator[tuple[str, pl.DataFrame]]:
    yield "train", split.train.events.log
    yield "valid", split.valid.events.log
    yield "test", split.test.events.log


def _row_tensors(part: str, log: pl.DataFrame) -> dict[str, Tensor]:
    names = {"user": "user", "item": "item", "label": "label", "time": "time", WEIGHT: "weight"}
    names |= {name: f"task.{name.removeprefix(TASK)}" for name in log.columns if name.startswith(TASK)}
    whole = ("user", "item", "time")
    return {
        f"{part}.{stored}": torch.from_numpy(
            log[name].cast(pl.Int64 if name in whole else pl.Float32).rechunk().to_numpy().copy()
        )
        for name, stored in names.items()
        if name in log.columns
    }


def _rows(tensors: Mapping[str, Tensor], part: str, noun: type[SomeRows]) -> SomeRows:
    return noun(
        user=tensors[f"{part}.user"],
        item=tensors[f"{part}.item"],
        label=tensors[f"{part}.label"],
        time=tensors.get(f"{part}.time"),
        context=_below(tensors, f"{part}.context."),
        weight=tensors.get(f"{part}.weight"),
        tasks=_below(tensors, f"{part}.task."),
    )


def _below(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): values for name, values in tensors.items() if name.startswith(prefix)}
