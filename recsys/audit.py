"""Whether the held-out part could be known from what is learnt from: of every split, before a run starts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import torch
from torch import Tensor

from recsys.features import Feature
from recsys.ops import auditing
from recsys.ops.splits import shown
from recsys.types import Answer, Audit, Columns, Finding, History, Promise, Split, UserError

MOMENTS, QUESTIONS = 3, 256
"""How many moments the log is cut at to ask features again, and how many answers are compared at each."""


def audit(split: Split, promises: Collection[Promise]) -> Audit:
    """Look at the rows of a split.

    Args:
        promises: what the split promises: what is found against it is marked as broken.
    """
    events = (split.train.events, split.valid.events, split.test.events)
    logs = [one.log for one in events]
    if "time" in logs[0].columns:
        found = auditing.in_time(logs, promises)
    else:
        n = len(logs[0])
        found = [auditing.finding("no_time", n, n, "training rows have no time to compare", leak=False)]
    found += auditing.of_duplicates(logs, events[0].columns)
    found += [*auditing.of_pairs(logs), *auditing.of_entities(logs, promises)]
    return Audit(tuple(found))


def audit_features(features: Mapping[str, Feature], history: History, split: Split) -> tuple[Finding, ...]:
    """Ask each feature again of a history that ends before the question: an answer that moves is a leak.

    What a feature fits, it fits both times on events up to a moment before all questions, so an honest feature
    gives the same answers. At each moment it is asked of users and items that have events from then on. Then of
    a history without the held-out events, at the moment of the first of them: what moves was fitted on them.

    Args:
        history: whole, held-out events too.
    """
    columns = split.train.events.columns
    rows = [_compare(name, feature, history, columns) for name, feature in features.items()]
    timed = "time" in split.train.events.log.columns
    return (_fitted(features, history, columns, timed=timed), *rows) if rows else ()


def _fitted(features: Mapping[str, Feature], history: History, columns: Columns, *, timed: bool) -> Finding:
    """How many answers move when the held-out events are taken away, before any of which they are asked."""
    held = torch.zeros_like(history.time, dtype=torch.bool) if history.held is None else history.held
    at = held.nonzero().squeeze(1)
    if not len(at):
        return auditing.finding("features_fitted", 0, 0, "answers were compared: no event is held out")
    rows = torch.cat([at[: QUESTIONS // 2], at[-QUESTIONS // 2 :]]).unique()
    moment = int(history.time[at[0]])
    moved, asked, first = 0, 0, ""
    for name, feature in features.items():
        whole, kept = feature.index(history), feature.index(_only(history, ~held))
        for answer in feature.columns(columns):
            now, then = (_ask(feature, index, answer, history, rows, moment) for index in (whole, kept))
            differs = _differs(now, then)
            if not first and bool(differs.any()):
                place = int(differs.nonzero()[0])
                said = f"{answer.name} of features.{name}: {now[place].tolist()}, but {then[place].tolist()}"
                first = f"; the first is {said} without"
            moved, asked = moved + int(differs.sum()), asked + len(rows)
    when = f"at {shown(moment)}, the first held-out second," if timed else "of features"
    said = f"answers {when} move when held-out events are taken away{first}"
    return auditing.finding("features_fitted", moved, asked, said)


def _compare(name: str, feature: Feature, history: History, columns: Columns) -> Finding:
    """How many answers move when later events are taken away."""
    early = int(history.time[len(history.time) // 2])
    whole = feature.index(replace(history, cutoff=early))
    declared = feature.columns(columns)
    moved, asked, first = 0, 0, ""
    for moment, rows in _questions(history, early):
        cut = feature.index(_before(history, moment, early))
        for answer in declared:
            now, then = (_ask(feature, index, answer, history, rows, moment) for index in (whole, cut))
            differs = _differs(now, then)
            moved, asked = moved + int(differs.sum()), asked + len(rows)
            if not first and bool(differs.any()):
                place = int(differs.nonzero()[0])
                first = _said(answer.name, history, int(rows[place]), moment, now[place], then[place])
    said = f"answers of the feature {name} move when later events are taken away{first}"
    return auditing.finding(f"feature.{name}", moved, asked, said, promised=True)


def _questions(history: History, early: int) -> list[tuple[int, Tensor]]:
    """A few moments after `early`, each with the rows whose users and items are asked about."""
    start = int(torch.searchsorted(history.time, early, right=True))
    left = len(history.time) - start
    generator = torch.Generator().manual_seed(0)
    places = start + torch.randperm(left, generator=generator)[:MOMENTS] if left else torch.empty(0)
    found = []
    for place in places.sort().values.tolist():
        moment = int(history.time[int(place)])
        row = int(torch.searchsorted(history.time, moment))
        near = torch.arange(row, min(row + QUESTIONS // 2, len(history.time)))
        far = torch.randint(row, len(history.time), (QUESTIONS // 2,), generator=generator)
        found.append((moment, torch.cat([near, far])))
    return found


def _before(history: History, moment: int, cutoff: int) -> History:
    """The history without the events from a moment on."""
    return replace(_only(history, history.time < moment), cutoff=cutoff)


def _only(history: History, kept: Tensor) -> History:
    """The history of some of its events, `[N]` bool."""
    return replace(
        history,
        user=history.user[kept],
        item=history.item[kept],
        time=history.time[kept],
        label=history.label[kept],
        feedback={name: values[kept] for name, values in history.feedback.items()},
        held=None if history.held is None else history.held[kept],
    )


def _ask(
    feature: Feature, index: Mapping[str, Tensor], answer: Answer, history: History, rows: Tensor, moment: int
) -> Tensor:
    user = None if answer.side == "item" else history.user[rows]
    item = None if answer.side == "user" else history.item[rows]
    time = torch.full_like(rows, moment)
    return feature.answer(index, answer.side, user, item, time)[answer.name]


def _differs(now: Tensor, then: Tensor) -> Tensor:
    """`[M]` bool; what rounding may move is equal, and so are two answers that are missing."""
    equal = torch.isclose(now.double(), then.double(), rtol=1e-4, atol=1e-6, equal_nan=True)
    return ~equal.reshape(len(now), -1).all(1)


def _said(column: str, history: History, row: int, moment: int, now: Tensor, then: Tensor) -> str:
    """The first answer that moved, for a person."""
    return (
        f"; the first is {column} at {shown(moment)}, asked of user {int(history.user[row])} and item "
        f"{int(history.item[row])} of row {row + 1:,} in order of time: {now.tolist()}, but "
        f"{then.tolist()} of the events before"
    )


def lines(audited: Audit) -> list[str]:
    """What was found, for the notes of a run; a line too where there is no leak."""
    found = [
        f"audit: {'leak: ' if one.severity == 'leak' else ''}{one.sentence}"
        for one in audited.findings
        if one.count
    ]
    return found if leaks(audited) else ["audit: no leak was found", *found]


def leaks(audited: Audit) -> list[Finding]:
    """The findings by which the held-out part could be known."""
    return [one for one in audited.findings if one.severity == "leak"]


def refuse_broken(audited: Audit, choice: str) -> None:
    """Refuse a split that does not keep its promise, or a feature that reads what comes later.

    Raises:
        UserError: with a line for each broken promise.
    """
    broken = [
        f"{'features' if one.name.startswith('feature.') else f'split={choice}'}: {one.name}: {one.sentence}; "
        "no result could be believed"
        for one in audited.findings
        if one.broken
    ]
    if broken:
        raise UserError(*broken)


def to_json(audited: Audit) -> list[dict[str, Any]]:
    """As `audit.json` holds it."""
    return [asdict(one) for one in audited.findings]


def from_json(found: Sequence[Mapping[str, Any]]) -> Audit:
    """What `to_json` made."""
    return Audit(tuple(Finding(**one) for one in found))
