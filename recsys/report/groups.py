"""Runs that differ only in the seed, put together; and whether groups may be compared at all."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from recsys.report.runs import Run
from recsys.types.errors import UserError

FREE = ("seed", "ckpt_path", "cache", "workers", "logger")
"""Keys that do not make another experiment: runs that differ only in these are one group."""

MEASURED = ("data", "label", "preparation", "split", "eval")
"""Keys that decide what a run is measured on."""


@dataclass(frozen=True)
class Group:
    """Runs that differ only in the seed.

    Attributes:
        letter: by which tables call it.
        name: what it has and other groups have otherwise.
    """

    letter: str
    name: str
    runs: tuple[Run, ...]


def grouped(runs: Sequence[Run]) -> list[Group]:
    """The runs by what they have in common but for the seed, in the order of the first of each.

    Raises:
        UserError: a run is there twice, or all belong to one group.
    """
    together: dict[str, dict[Any, Run]] = {}
    for run in runs:
        same = json.dumps(
            {key: run.config[key] for key in sorted(run.config) if not _within(key, FREE)}, default=str
        )
        seeds = together.setdefault(same, {})
        seed = run.config.get("seed")
        if seed in seeds:
            raise UserError(f"{run.folder}: the same config and seed as {seeds[seed].folder}; give one of them")
        seeds[seed] = run
    if len(together) < 2:
        given = f"{len(runs)} runs are given, which differ only in the seed" if runs[1:] else "1 run is given"
        raise UserError(f"{given}: nothing to compare; give runs of two configs")
    groups = [tuple(seeds.values()) for seeds in together.values()]
    names = _names([group[0] for group in groups])
    return [Group(_letter(n), *rest) for n, rest in enumerate(zip(names, groups, strict=True))]


def _within(key: str, parents: Sequence[str]) -> bool:
    return any(key == parent or key.startswith(f"{parent}.") for parent in parents)


def _letter(number: int) -> str:
    """A to Z, then AA."""
    head, last = divmod(number, 26)
    return (_letter(head - 1) if head else "") + chr(ord("A") + last)


def _names(firsts: Sequence[Run]) -> list[str]:
    """What distinguishes each run: choices by axis, and what runs with the same choice have otherwise."""
    axes = sorted({axis for run in firsts for axis in run.choices})
    differing = [axis for axis in axes if len({run.choices.get(axis) for run in firsts}) > 1]
    named = [[f"{axis}={run.choices[axis]}" for axis in differing if axis in run.choices] for run in firsts]
    keys = sorted({key for run in firsts for key in run.config if not _within(key, FREE)})
    for key in keys:
        axis = next((axis for axis in differing if _within(key, [axis.replace("/", ".")])), "")
        values: dict[Any, set[str]] = {}
        for run in firsts:
            values.setdefault(run.choices.get(axis), set()).add(repr(run.config.get(key)))
        for run, words in zip(firsts, named, strict=True):
            if len(values[run.choices.get(axis)]) > 1 and not key.endswith("_target_"):
                words.append(f"{key}={run.config.get(key)}")
    return [" ".join(words) or run.folder.name for run, words in zip(firsts, named, strict=True)]


def check_same_test(runs: Sequence[Run]) -> list[str]:
    """Refuse runs that were measured on other users, or on another label or split of the same.

    Returns:
        A remark on each run whose data, evaluation or metrics differ, though the users are the same.

    Raises:
        UserError: says how many users differ, and which keys of the config.
    """
    first, problems, remarks = runs[0], [], []
    users = _set(first)
    for run in runs[1:]:
        other = _set(run)
        keys = sorted(key for key in first.config.keys() | run.config.keys() if _within(key, MEASURED))
        unlike = [key for key in keys if first.config.get(key) != run.config.get(key)]
        what = "; ".join(f"{key} is {first.config.get(key)} and {run.config.get(key)}" for key in unlike)
        pair = f"{first.folder} and {run.folder}"
        if users != other or any(_within(key, ("label", "split")) for key in unlike):
            problems.append(
                f"{pair}: {len(users ^ other):,} of {len(users | other):,} test users differ; they were "
                f"measured on other splits: {what or 'the configs are the same, so the data has changed'}"
            )
        elif unlike:
            remarks.append(f"{pair}: {what}; the users are the same, make sure that their test events are")
        remarks += [
            f"{pair}: {key} is {first.config[key]} and {run.config[key]}; what it changes is not comparable"
            for key in sorted(first.config.keys() & run.config.keys())
            if _within(key, ["metrics"]) and not key.endswith(".ks") and first.config[key] != run.config[key]
        ]
    if problems:
        raise UserError(*problems)
    return remarks


def _set(run: Run) -> set[str]:
    return set(run.users()["user"])
