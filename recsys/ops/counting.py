"""Events of a key in windows before a moment, and the shares of them that came out well."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor

from recsys.ops import asof, entities
from recsys.types import Columns, History, UserError

ALL, POSITIVE = "", "positive"
"""Kinds of events beside those that a flag names: every one, and those with a label above 0."""

Windows = Mapping[str, int | None]


def check(key: str, events: Sequence[str], declared: Columns) -> None:
    """Refuse kinds of events that no feedback column of the source names.

    Raises:
        UserError: with all of them.
    """
    there = [name for name, type_ in declared.feedback.items() if type_ in ("flag", "number")]
    problems = [
        f"{key}: {name!r} is no feedback column that can be counted; there are {', '.join(there) or 'none'}"
        for name in events
        if name not in there
    ]
    if problems:
        raise UserError(*problems)


def names(of: str, kinds: Iterable[str], windows: Iterable[str], *, rates: bool) -> list[str]:
    """`<of>_count_<window>`, `<of>_<kind>_count_<window>` and `<of>_<kind>_rate_<window>`."""
    what = ["count", *(f"{kind}_{form}" for kind in kinds for form in ("count", *["rate"] * rates))]
    return [f"{of}_{each}_{window}" for window in windows for each in what]


def index(
    prefix: str, key: Tensor, event: Tensor | None, n_keys: int, history: History, kinds: Iterable[str]
) -> dict[str, Tensor]:
    """A timeline, and a tally of each kind.

    Args:
        key: `[E]` int64, in the order of the history.
        event: `[E]` int64, the event that each key belongs to; None where each event has one.
    """
    time = history.time if event is None else history.time[event]
    timeline, order = asof.arrange(key, time, n_keys)
    at = order if event is None else event[order]
    tallies = {f"{prefix}.of.{kind}": tally(happened(history, kind)[at]) for kind in kinds}
    return {**asof.store(prefix, timeline), **tallies}


def tally(kept: Tensor) -> Tensor:
    """How many of the first n places are kept, n from 0 to E: `[E + 1]` int32, int64 from 2^31 places on.

    Args:
        kept: `[E]` bool, in the order of the timeline.
    """
    dtype = torch.int32 if len(kept) < 2**31 else torch.int64
    counted = torch.zeros(len(kept) + 1, dtype=dtype)
    torch.cumsum(kept, 0, dtype=dtype, out=counted[1:])
    return counted


def happened(history: History, kind: str) -> Tensor:
    """Which events are of a kind, `[N]` bool; a missing value is no."""
    return (history.label if kind == POSITIVE else history.feedback[kind]) > 0


def prior_index(history: History, kinds: Sequence[str]) -> dict[str, Tensor]:
    """All events as those of one key, for `priors`."""
    return index("prior", torch.zeros_like(history.user), None, 1, history, kinds)


def priors(stored: Mapping[str, Tensor], time: Tensor, kinds: Sequence[str]) -> dict[str, Tensor]:
    """The share of each kind among all events before each moment, `[M]` float64; 0 where there are none."""
    found = counts("prior", stored, torch.zeros_like(time), None, time, kinds, {"all": None})
    whole = found[ALL, "all"].double().clamp_min(1)
    return {kind: found[kind, "all"] / whole for kind in kinds}


def counts(
    prefix: str,
    stored: Mapping[str, Tensor],
    key: Tensor,
    ptr: Tensor | None,
    time: Tensor,
    kinds: Sequence[str],
    windows: Windows,
) -> dict[tuple[str, str], Tensor]:
    """How many events there were, by kind and window, `[M]` int64; the sum over a question's keys.

    Args:
        key, ptr: as `entities.keys` gives them.
        time: `[M]` int64 seconds.
    """
    timeline = asof.restore(prefix, stored)
    asked = asof.ask(timeline, key, entities.spread(time, ptr))
    found = {}
    for window, seconds in windows.items():
        since = asof.since(timeline, asked, seconds)
        for kind in (ALL, *kinds):
            tally = stored.get(f"{prefix}.of.{kind}")
            number = asked.now - since
            if tally is not None:
                number = asof.take(tally, asked.now) - asof.take(tally, since)
            found[kind, window] = entities.total(asked.restore(number), ptr)
    return found


def columns(
    of: str,
    found: Mapping[tuple[str, str], Tensor],
    ptr: Tensor | None,
    prior: Mapping[str, Tensor],
    strength: float,
    *,
    rates: bool,
) -> dict[str, Tensor]:
    """Counts and rates under the names of `names`, `[M]` float32, NaN where a question has no key.

    A count is the mean over a question's keys. A rate is (a + strength prior) / (n + strength) of the sums over
    them: the mean of a beta distribution with `strength` events of the prior share, updated by what happened.

    Args:
        prior: as `priors` gives it, `[M]`.
    """
    answers = {}
    for (kind, window), number in found.items():
        size = torch.ones_like(number) if ptr is None else ptr.diff()
        title = f"{of}_{kind}_" if kind else f"{of}_"
        answers[f"{title}count_{window}"] = (number.double() / size).float()
        if kind and rates:
            share = (number + strength * prior[kind]) / (found[ALL, window] + strength).double()
            answers[f"{title}rate_{window}"] = torch.where(size > 0, share, torch.nan).float()
    return answers
