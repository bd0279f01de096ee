"""Putting together what was observed block by block."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from recsys.types import Observed, Ranking, Shown


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


def shown(lists: Ranking, depth: int) -> Shown:
    """The first positions of each list, as far as there are candidates."""
    row, place = (lists.tie_size[:, :depth] > 0).nonzero(as_tuple=True)
    return Shown(lists.user[row], lists.items[row, place], lists.score[row, place])
