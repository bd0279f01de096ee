"""What everyone takes up lately."""

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor

from recsys.model import DualEncoder
from recsys.nn.fields import EMPTY
from recsys.types import Need, Positive, Schema, Slate, TrainRows, UserError

DAY = 86_400
"""Seconds."""


@final
class Trending(DualEncoder):
    """Score an item by log(1 + sum over its positive rows of w 2^(-age / half life)), the same for every user.

    Age is counted back from the last training second, w is the row's weight. As the half life grows, the score
    becomes that of `popularity`.

    Args:
        half_life: days in which a row's count is halved.
    """

    needs = (Need("data.time", "older rows count less"),)
    fits = True
    weighs = True

    def __init__(self, schema: Schema, *, half_life: Positive = 7.0) -> None:
        super().__init__()
        self.half_life = half_life
        self.register_buffer("score", torch.zeros(schema.n_items))
        self.score: Tensor

    def fit(self, rows: TrainRows) -> None:
        """Sum the decayed positive rows of each item.

        Raises:
            UserError: the rows have no time.
        """
        if rows.time is None:
            raise UserError("model=trending needs a time for each event; choose model=popularity")
        positive = (rows.label > 0).cpu()
        age = (rows.time.max() - rows.time).cpu()[positive].double() / DAY
        decayed = torch.exp2(-age / self.half_life)
        if rows.weight is not None:
            decayed *= rows.weight.cpu()[positive]
        sums = torch.bincount(rows.item.cpu()[positive], decayed, minlength=len(self.score))
        self.score.copy_(sums.log1p())

    def encode_users(self, slate: Slate) -> Tensor:
        """Ones, `[B, 1]`."""
        return torch.ones(len(slate.user), 1, device=self.score.device)

    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The items' scores, `[..., 1]`."""
        return self.score[items][..., None]
