"""How models are measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from recsys.metrics import ListMetrics, Metrics, RowMetrics
from recsys.ops import csr
from recsys.slices import Slicer
from recsys.train.moments import NONE, Moments
from recsys.types import Encoded, Facts, Groups, HoldoutRows, Protocol, Slice

HERE = torch.device("cpu")
"""Where everything is put together."""


@dataclass(frozen=True)
class Evaluator:
    """How models are measured, the same for training, `recsys evaluate` and other systems' predictions.

    Attributes:
        metrics: families by name.
        facts: what metrics and slicers know beside the model.
        slicers: by name.
        moments: the features at a moment.
    """

    metrics: Mapping[str, Metrics]
    protocol: Protocol
    encoded: Encoded
    facts: Facts
    slicers: Mapping[str, Slicer]
    moments: Moments = NONE

    @cached_property
    def lists(self) -> dict[str, ListMetrics[Any]]:
        """The families that read candidates."""
        return {name: family for name, family in self.metrics.items() if isinstance(family, ListMetrics)}

    @cached_property
    def of_rows(self) -> dict[str, RowMetrics]:
        """The families that read labelled rows."""
        return {name: family for name, family in self.metrics.items() if isinstance(family, RowMetrics)}

    @cached_property
    def depth(self) -> int:
        """How many positions of each ranking are read."""
        return max([1, self.protocol.lists, *(family.depth for family in self.lists.values())])

    def holdout(self, part: str) -> HoldoutRows:
        """The rows that are measured."""
        return self.encoded.valid if part == "valid" else self.encoded.test

    def groups(self, part: str) -> list[Groups]:
        """The groups that results are shown for."""
        attributes = self.encoded.attributes.get(part, {})
        return [
            groups
            for slicer in self.slicers.values()
            for groups in slicer.groups(self.facts, self.holdout(part), attributes)
        ]

    def slice(self, groups: Groups, number: int, size: int, values: Mapping[str, float]) -> Slice:
        """The values of one group.

        Args:
            size: how many users or rows they are of.
        """
        return Slice(groups.name, groups.names[number], size, size < self.protocol.min_slice, values)

    @property
    def sampling(self) -> dict[str, Any]:
        """How intervals are drawn."""
        protocol = self.protocol
        return {"confidence": protocol.confidence, "samples": protocol.bootstrap, "seed": protocol.seed}


def members(groups: Groups, number: int) -> Tensor:
    """Which entities are in a group, bool."""
    if isinstance(groups.of, Tensor):
        return groups.of == number
    count = len(groups.of.ptr) - 1
    inside = csr.rows_of(groups.of)[groups.of.idx == number]
    return torch.zeros(count, dtype=torch.bool).index_fill_(0, inside, True)
