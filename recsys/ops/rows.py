"""Slicing and moving the nouns that are made of tensors."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar, cast

import torch
from torch import Tensor

from recsys.types import Rows

Noun = TypeVar("Noun")
SomeRows = TypeVar("SomeRows", bound=Rows)


def select(rows: SomeRows, at: Tensor | slice) -> SomeRows:
    """The rows at the given places."""
    return replace(
        rows,
        user=gather(rows.user, at),
        item=gather(rows.item, at),
        label=gather(rows.label, at),
        time=None if rows.time is None else gather(rows.time, at),
        context={name: gather(values, at) for name, values in rows.context.items()},
        weight=None if rows.weight is None else gather(rows.weight, at),
        tasks={name: gather(values, at) for name, values in rows.tasks.items()},
    )


def gather(values: Tensor, at: Tensor | slice) -> Tensor:
    """`values[at]`, by the faster way where the places are numbers."""
    if isinstance(at, slice):
        return values[at]
    return values.index_select(0, at.reshape(-1)).view(*at.shape, *values.shape[1:])


def known(places: Tensor, unknown: int) -> Tensor:
    """The places; those that are none of 0 … unknown - 1 as `unknown`."""
    return torch.where((places >= 0) & (places < unknown), places, unknown)


def to_device(noun: Noun, device: torch.device) -> Noun:
    """The same noun with every tensor on the device."""
    return cast(Noun, _move(noun, device))


def _move(noun: object, device: torch.device) -> object:
    if isinstance(noun, Tensor):
        # Towards the CPU it has to wait: what is read before an accelerator has written it is not the number.
        return noun.to(device, non_blocking=device.type != "cpu")
    if isinstance(noun, Mapping):
        return {name: _move(value, device) for name, value in noun.items()}
    if is_dataclass(noun) and not isinstance(noun, type):
        return replace(noun, **{f.name: _move(getattr(noun, f.name), device) for f in fields(noun)})
    return noun
