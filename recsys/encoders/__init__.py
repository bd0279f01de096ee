"""How a column becomes a vector: fitted on training values, applied to all, the rest is learnt."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import Any, ClassVar

import polars as pl
from torch import Tensor, nn

from recsys.types import ColumnType, Need

State = dict[str, Any]
"""What an encoder was fitted to: numbers, strings, lists of them, tensors, so that a checkpoint can carry it.

Under `notes` it may have lines for the reader of the results.
"""


class Encoder(ABC):
    """The treatment of one column.

    Missing values, and values that training never saw, have an encoding of their own.

    Attributes:
        accepts: the column types that can be treated so.
        used: False for a column that is left out.
        files: paths of what it reads beside the column; data is prepared anew when one of them has changed.
    """

    needs: Collection[Need] = ()
    gives: frozenset[str] = frozenset()
    accepts: ClassVar[frozenset[ColumnType]]
    used: ClassVar[bool] = True

    @property
    def files(self) -> Sequence[str]:
        """None, unless the encoder says otherwise."""
        return ()

    @abstractmethod
    def fit(self, values: pl.Series) -> State:
        """What is to be remembered of the training values."""

    @abstractmethod
    def encode(self, values: pl.Series, state: State) -> Tensor:
        """Numbers for the learned part: `[N]` or `[N, L]`, float32 or int64."""

    @abstractmethod
    def module(self, state: State, dim: int) -> nn.Module:
        """The learned part: encoded values `[..., L]` to vectors `[..., width]`, with attribute `width`.

        Args:
            dim: embedding size that the model asks for; encoders without parameters ignore it.
        """
