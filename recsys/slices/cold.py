"""Users and items that training knows nothing of."""

from collections.abc import Mapping, Sequence
from typing import final

from torch import Tensor

from recsys.ops import binning
from recsys.slices import Slicer
from recsys.types import Attribute, Facts, Groups, HoldoutRows, PositiveInt


@final
class Cold(Slicer):
    """Users and items with hardly a positive training row (`cold`) against the others (`warm`).

    Args:
        below: fewer rows than this are cold; 1 means none at all.
    """

    def __init__(self, *, below: PositiveInt = 1) -> None:
        self.below = below

    def groups(self, facts: Facts, rows: HoldoutRows, attributes: Mapping[str, Attribute]) -> Sequence[Groups]:
        """Two ways, `user_cold` and `item_cold`."""
        users, items = self._parted(facts.counts.users), self._parted(facts.counts.items)
        return [Groups("user_cold", "user", *users), Groups("item_cold", "item", *items)]

    def _parted(self, counts: Tensor) -> tuple[Tensor, tuple[str, ...]]:
        return binning.compact((counts >= self.below).long(), ("cold", "warm"))
