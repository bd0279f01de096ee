"""What everyone takes up lately."""

import math
from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor

from recsys.model import DualEncoder
from recsys.nn.fields import EMPTY
from recsys.ops import statistics
from recsys.ops.rows import to_device
from recsys.types import Need, Positive, Schema, Slate, TrainRows, UserError

DAY = 86_400
"""Seconds."""


@final
class Trending(DualEncoder):
    """Score an item by log(sum over its positive rows of w 2^(-age / half life)), the same for every user.

    Age is counted back from the last training second, w is the row's weight. An item without such a row is 1
    below the lowest other. As the half life grows, the order becomes that of `popularity`.

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
        last, rows = int(rows.time.max()), to_device(statistics.learnt(rows), torch.device("cpu"))
        assert rows.time is not None
        positive = rows.label > 0
        item, age = rows.item[positive], (last - rows.time[positive]).double() / DAY
        logs = age * (-math.log(2) / self.half_life)
        if rows.weight is not None:
            logs += rows.weight[positive].double().log()
        # Sums relative to the item's largest term: 2^-160 is 0 in float32.
        largest = logs.new_full(self.score.shape, -torch.inf).scatter_reduce(0, item, logs, "amax")
        score = largest + torch.bincount(item, (logs - largest[item]).exp(), minlength=len(largest)).log()
        known = score > -torch.inf
        floor = float(score[known].min()) - 1 if known.any() else 0.0
        self.score.copy_(torch.where(known, score, floor))

    def encode_users(self, slate: Slate) -> Tensor:
        """Ones, `[B, 1]`."""
        return torch.ones(len(slate.user), 1, device=self.score.device)

    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The items' scores, `[..., 1]`."""
        return self.score[items][..., None]
