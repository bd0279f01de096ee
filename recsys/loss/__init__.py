"""What training makes small."""

from abc import ABC, abstractmethod
from collections.abc import Collection

from torch import Tensor, nn

from recsys.types import Need, Slate


class Loss(nn.Module, ABC):
    """From logits `[B, C]` and their slate to a scalar. Only cells under the mask count."""

    needs: Collection[Need] = ()
    gives: frozenset[str] = frozenset()

    @abstractmethod
    def forward(self, logits: Tensor, slate: Slate) -> Tensor:
        """The loss, a scalar; 0 with zero gradient where no cell counts."""
