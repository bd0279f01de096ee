"""Putting together what is observed block by block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch.nn.functional import pad

from recsys.metrics import ListMetrics
from recsys.types import Facts, Grades, Observed, Placement, Ranking, Shown

Lists = TypeVar("Lists", Ranking, Placement)

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
    """Several blocks of queries as one; shorter lists are filled with positions beyond the candidates."""
    if len(blocks) == 1:
        return blocks[0]
    names = [f.name for f in fields(blocks[0]) if f.name not in ("query", "grades")]
    joined: dict[str, Any] = {name: _stacked([getattr(block, name) for block in blocks]) for name in names}
    if isinstance(blocks[0], Placement):
        starts = [0, *torch.tensor([len(block.user) for block in blocks]).cumsum(0).tolist()]
        joined["query"] = torch.cat([b.query + at for b, at in zip(blocks, starts[:-1], strict=True)])  # type: ignore[union-attr]
    elif blocks[0].grades is not None:
        graded = [block.grades for block in blocks]  # type: ignore[union-attr]
        joined["grades"] = Grades(
            **{f.name: _stacked([getattr(one, f.name) for one in graded]) for f in fields(Grades)}
        )
    return type(blocks[0])(**joined)


def _stacked(parts: Sequence[Tensor]) -> Tensor:
    """`[Q, …]` one below the other, rows filled with zeros to the longest."""
    if parts[0].dim() == 1:
        return torch.cat(list(parts))
    width = max(part.shape[1] for part in parts)
    return torch.cat([pad(part, (0, width - part.shape[1])) for part in parts])


def shown(lists: Ranking, depth: int) -> Shown:
    """The first positions of each list, as far as there are candidates."""
    row, place = (lists.tie_size[:, :depth] > 0).nonzero(as_tuple=True)
    return Shown(lists.user[row], lists.items[row, place], lists.score[row, place])
