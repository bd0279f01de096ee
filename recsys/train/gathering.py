"""Putting together what is observed block by block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch.nn.functional import pad

from recsys.metrics import ListMetrics
from recsys.types import Facts, Grades, Observed, Placement, Ranking, Shown

Lists = TypeVar("Lists", Ranking, Placement)
Deep = TypeVar("Deep", Ranking, Grades)

AT_ONCE = 1024
"""Queries that wait before they are observed: many small steps cost more than few large ones."""


@dataclass
class Gathered:
    """Observations of one family: values per user one after the other, totals added."""

    blocks: list[Observed] = field(default_factory=list)
    totals: dict[str, Tensor] = field(default_factory=dict)

    def add(self, observed: Observed) -> None:
        """Take in a block."""
        for name, total in observed.totals.items():
            self.totals[name] = self.totals[name] + total if name in self.totals else total
        self.blocks.append(Observed(observed.user, observed.per_user))

    def whole(self) -> Observed:
        """All blocks as one."""
        if len(self.blocks) > 1:
            names = self.blocks[0].per_user
            per_user = {name: torch.cat([block.per_user[name] for block in self.blocks]) for name in names}
            self.blocks = [Observed(torch.cat([block.user for block in self.blocks]), per_user)]
        return Observed(self.blocks[0].user, self.blocks[0].per_user, self.totals)


@dataclass
class Stream:
    """The families that read one noun, and what they have observed so far."""

    families: Mapping[str, ListMetrics[Any]]
    facts: Facts
    gathered: dict[str, Gathered] = field(default_factory=dict)
    waiting: list[Any] = field(default_factory=list)

    def add(self, lists: Ranking | Placement) -> None:
        """Take in a block, to be observed with those that follow."""
        self.waiting.append(lists)
        if sum(len(one.user) for one in self.waiting) >= AT_ONCE:
            self.observe()

    def observe(self) -> None:
        """Observe what waits."""
        if self.waiting:
            lists, self.waiting = join(self.waiting), []
            for name, family in self.families.items():
                self.gathered.setdefault(name, Gathered()).add(family.observe(lists, self.facts))


def join(blocks: Sequence[Lists]) -> Lists:
    """Several blocks of queries as one."""
    if len(blocks) == 1:
        return blocks[0]
    blocks = _of_one_depth(blocks)
    names = [f.name for f in fields(blocks[0]) if f.name not in ("query", "grades")]
    joined: dict[str, Any] = {name: torch.cat([getattr(block, name) for block in blocks]) for name in names}
    if isinstance(blocks[0], Placement):
        starts = [0, *torch.tensor([len(block.user) for block in blocks]).cumsum(0).tolist()]
        joined["query"] = torch.cat([b.query + at for b, at in zip(blocks, starts[:-1], strict=True)])  # type: ignore[union-attr]
    elif blocks[0].grades is not None:
        graded = [block.grades for block in blocks]  # type: ignore[union-attr]
        joined["grades"] = Grades(
            **{f.name: torch.cat([getattr(one, f.name) for one in graded]) for f in fields(Grades)}
        )
    return type(blocks[0])(**joined)


def _of_one_depth(blocks: Sequence[Lists]) -> Sequence[Lists]:
    """Lists of the same depth: where no query of a block has so many candidates, positions beyond them."""
    depths = [block.items.shape[1] for block in blocks if isinstance(block, Ranking)]
    if len(set(depths)) < 2:
        return blocks
    return [_deepened(block, max(depths)) for block in blocks if isinstance(block, Ranking)]


def _deepened(noun: Deep, depth: int) -> Deep:
    """The same with positions beyond the candidates, up to a depth."""
    values = {f.name: getattr(noun, f.name) for f in fields(noun)}
    deeper: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Grades):
            deeper[name] = _deepened(value, depth)
        elif isinstance(value, Tensor) and value.dim() == 2:
            blank = -torch.inf if name == "score" else 0
            deeper[name] = pad(value, (0, depth - value.shape[1]), value=blank)
    return replace(noun, **deeper)


def shown(lists: Ranking, depth: int) -> Shown:
    """The first positions of each list, as far as there are candidates."""
    row, place = (lists.tie_size[:, :depth] > 0).nonzero(as_tuple=True)
    return Shown(lists.user[row], lists.items[row, place], lists.score[row, place])
