"""Held-out rows by how long after training they happened."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import final

import torch

from recsys.ops import binning
from recsys.slices import Slicer
from recsys.types import Attribute, Facts, Groups, HoldoutRows, Need, Positive, UserError

DAY = 86_400
BEFORE = "before the cut-off"


@final
class Elapsed(Slicer):
    """Held-out rows by the time since the cut-off, which is the last second of the training rows.

    Rows from before the cut-off, as a split by user or at random has them, are a group of their own. An edge
    belongs to the group above it.

    Args:
        edges: days, ascending.
    """

    needs = (Need("data.time", "it counts the days since the last training row"),)

    def __init__(self, *, edges: Sequence[Positive] = (1, 7, 30)) -> None:
        if not edges or any(low >= high for low, high in pairwise(edges)):
            raise UserError(
                f"slices.elapsed.edges={list(edges)}: days in ascending order, for example [1, 7, 30]"
            )
        self.edges = tuple(edges)

    @property
    def names(self) -> tuple[str, ...]:
        """From the earliest group to the latest."""
        texts = [f"{edge:g}" for edge in self.edges]
        between = [f"{low}-{high} days" for low, high in pairwise(texts)]
        first, last = (f"{text} day{'' if text == '1' else 's'}" for text in (texts[0], texts[-1]))
        return (BEFORE, f"under {first}", *between, f"{last} or more")

    def groups(self, facts: Facts, rows: HoldoutRows, attributes: Mapping[str, Attribute]) -> Sequence[Groups]:
        """One way, `elapsed`."""
        if rows.time is None or facts.cutoff is None:
            raise UserError("slices.elapsed: the data has no time; leave it out of slices")
        edges = torch.tensor([0.0, *(edge * DAY for edge in self.edges)], dtype=torch.float64)
        since = (rows.time - facts.cutoff).double()
        of, names = binning.compact(torch.bucketize(since, edges, right=True), self.names)
        return [Groups("elapsed", "row", of, names)]
