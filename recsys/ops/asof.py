"""What came before a moment: events sorted once by key and time, moments looked up by binary search.

Key and time are one ascending number, `key * span + (time - start)`, so that one search finds the end of a
key's events before a moment. Questions are sorted before they are looked up: of 10 million events that costs a
fifth of looking them up as they come, because neighbours share their caches. Searches are numpy's, which begins
each where the one before ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from recsys.ops import rows
from recsys.types import UserError

Numbers = np.ndarray[Any, Any]

LIMIT = 2**63 - 1
BLOCK = 2**22
"""Events that are moved at once."""


@dataclass(frozen=True)
class Timeline:
    """Events in order of key and time. Made by `arrange`.

    Attributes:
        events: `[E]` int64, ascending, `key * span + time - start`.
        frame: `[3]` int64: start and span in seconds, and the number of keys.
        distinct: `[K]` int64, ascending, the keys that have events, where all keys would not fit 64 bits: the
            key in `events` is then a place in it.
    """

    events: Tensor
    frame: Tensor
    distinct: Tensor | None = None


@dataclass(frozen=True)
class Asked:
    """Questions in order of key and time. Made by `ask`.

    Attributes:
        order: `[M]` int64, which question each place has.
        base: `[M]` int64, the number at which the key begins.
        time: `[M]` int64 seconds.
        first: `[M]` int64, place of the key's first event.
        now: `[M]` int64, place after the key's last event before the moment.
    """

    order: Tensor
    base: Tensor
    time: Tensor
    first: Tensor
    now: Tensor

    def restore(self, values: Tensor) -> Tensor:
        """Values by place, in the order in which the questions were asked."""
        restored = np.empty_like(values.numpy())
        restored[self.order.numpy()] = values.numpy()
        return torch.from_numpy(restored)


def arrange(key: Tensor, time: Tensor, n_keys: int) -> tuple[Timeline, Tensor]:
    """Sort events by key and time; those of one key and second stay in the order in which they are given.

    Args:
        key: `[E]` int64 in `[0, n_keys)`.
        time: `[E]` int64 seconds, ascending.

    Returns:
        The timeline, and `[E]` the event at each of its places.

    Raises:
        UserError: keys and seconds do not fit 64 bits.
    """
    start = int(time[0]) if len(time) else 0
    span = int(time[-1]) - start + 2 if len(time) else 2
    distinct = None
    if not _fits(n_keys, span, len(key)):
        distinct = torch.from_numpy(np.unique(key.numpy()))
        key, n_keys = _found(distinct, key), len(distinct)
    if not _fits(n_keys, span, len(key)):
        raise UserError(
            f"features: {n_keys:,} keys over {span:,} seconds do not fit 64 bits; is the time in seconds?"
        )
    events, order = _sorted(key.numpy(), (time - start).numpy(), span)
    return Timeline(torch.from_numpy(events), torch.tensor([start, span, n_keys]), distinct), order


def _fits(n_keys: int, span: int, n: int) -> bool:
    """Whether a key beside a second, and beside a place, can be one number; one key more is for the unknown."""
    return (n_keys + 1) * max(span, 2 ** n.bit_length()) <= LIMIT


def _sorted(key: Numbers, offset: Numbers, span: int) -> tuple[Numbers, Tensor]:
    """`key * span + offset` in ascending order, and the place that each has now; equal keys stay in order.

    Key and place are sorted as one number: stable, and several times as fast as a stable sort of places.
    """
    bits = len(key).bit_length()
    packed = key << bits
    packed |= np.arange(len(key))
    packed.sort()
    if span < 2**31:
        offset = offset.astype(np.int32)
    events = np.empty_like(packed)
    for at in range(0, len(packed), BLOCK):
        part, out = packed[at : at + BLOCK], events[at : at + BLOCK]
        np.multiply(part >> bits, span, out=out)
        part &= (1 << bits) - 1
        out += offset.take(part)
    return events, torch.from_numpy(packed)


def ask(timeline: Timeline, key: Tensor, time: Tensor) -> Asked:
    """Look moments up. A key outside the timeline's has no events.

    Args:
        key: `[M]` int64.
        time: `[M]` int64 seconds.
    """
    _, span, n_keys = timeline.frame.tolist()
    if timeline.distinct is not None:
        key = _found(timeline.distinct, key)
    base = rows.known(key, n_keys) * span
    moment = base + _offset(timeline, time)
    order = torch.from_numpy(np.argsort(moment.numpy()))
    base, moment, time = (take(values, order) for values in (base, moment, time))
    return Asked(order, base, time, _search(timeline.events, base), _search(timeline.events, moment))


def since(timeline: Timeline, asked: Asked, window: int | None) -> Tensor:
    """Place of the first event not older than the window, `[M]`; of the key's first event where it is None.

    Args:
        window: seconds; the event exactly as old as it belongs to it.
    """
    if window is None:
        return asked.first
    return _search(timeline.events, asked.base + _offset(timeline, asked.time - window))


def _offset(timeline: Timeline, time: Tensor) -> Tensor:
    """Seconds since the start; what is past the end is cut to the second after the last event."""
    start, span, _ = timeline.frame.tolist()
    return time.clamp(start, start + span - 1) - start


def seconds(timeline: Timeline, places: Tensor) -> Tensor:
    """When the events at these places happened, int64 seconds."""
    start, span, _ = timeline.frame.tolist()
    return take(timeline.events, places) % span + start


def take(values: Tensor, places: Tensor) -> Tensor:
    """Values at places. By numpy, in one thread: waiting for a second one costs more where cores are shared."""
    return torch.from_numpy(values.numpy().take(places.numpy(), axis=0))


def last(asked: Asked, length: int) -> tuple[Tensor, Tensor]:
    """Places of the last events of each question's key before its moment.

    Returns:
        `[M, length]` int64, the latest last, 0 where there are fewer; and which of them there are.
    """
    at = asked.now[:, None] + torch.arange(-length, 0)
    there = at >= asked.first[:, None]
    return torch.where(there, at, 0), there


def store(prefix: str, timeline: Timeline) -> dict[str, Tensor]:
    """The tensors of a timeline by name."""
    named = {f"{prefix}.events": timeline.events, f"{prefix}.frame": timeline.frame}
    return named if timeline.distinct is None else {**named, f"{prefix}.distinct": timeline.distinct}


def restore(prefix: str, index: Mapping[str, Tensor]) -> Timeline:
    """The timeline that `store` named."""
    return Timeline(index[f"{prefix}.events"], index[f"{prefix}.frame"], index.get(f"{prefix}.distinct"))


def _search(events: Tensor, numbers: Tensor) -> Tensor:
    """How many events are below each of the ascending numbers."""
    return torch.from_numpy(np.searchsorted(events.numpy(), numbers.numpy()))


def _found(distinct: Tensor, key: Tensor) -> Tensor:
    """Places of keys among the distinct ones, -1 of others."""
    if len(distinct) == 0:
        return torch.full_like(key, -1)
    at = torch.searchsorted(distinct, key).clamp_max_(len(distinct) - 1)
    return torch.where(distinct[at] == key, at, -1)
