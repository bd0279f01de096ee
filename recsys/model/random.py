"""No preference at all."""

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor

from recsys.model import Model
from recsys.nn.fields import EMPTY
from recsys.ops.hashing import mix
from recsys.types import Slate, TrainRows


@final
class Random(Model[Tensor]):
    """A score from 0 to 1 for each user and item, uniform and without memory: a hash of both and the seed.

    What a metric gives to it is what chance gives. The same pair always has the same score.

    Args:
        seed: of the hash.
    """

    fits = True
    cell_width = 8

    def __init__(self, *, seed: int = 0) -> None:
        super().__init__()
        self.seed = seed

    def fit(self, rows: TrainRows) -> None:
        """There is nothing to learn."""

    def encode_users(self, slate: Slate) -> Tensor:
        """A number of each user and the seed, `[B]` int64."""
        return mix(slate.user, torch.full_like(slate.user, self.seed))

    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The items themselves."""
        return items

    def interact(self, users: Tensor, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The hashes as fractions of 1, `[B, C]`."""
        return mix(users[:, None], items).div(2.0**62)
