"""What everyone takes up."""

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor

from recsys.model import DualEncoder
from recsys.nn.fields import EMPTY
from recsys.types import Schema, Slate, TrainRows


@final
class Popularity(DualEncoder):
    """Score an item by the logarithm of 1 + its positive training rows, the same for every user.

    Every row counts by its weight, so an item taken up three times by one user counts three times.
    """

    fits = True
    weighs = True

    def __init__(self, schema: Schema) -> None:
        super().__init__()
        self.register_buffer("score", torch.zeros(schema.n_items))
        self.score: Tensor

    def fit(self, rows: TrainRows) -> None:
        """Count the positive rows of each item."""
        positive = rows.label > 0
        # On the CPU: elsewhere a weighted count is not deterministic, which the trainer refuses.
        weight = None if rows.weight is None else rows.weight[positive].double().cpu()
        counts = torch.bincount(rows.item[positive].cpu(), weight, minlength=len(self.score))
        self.score.copy_(counts.float().log1p())

    def encode_users(self, slate: Slate) -> Tensor:
        """Ones, `[B, 1]`."""
        return torch.ones(len(slate.user), 1, device=self.score.device)

    def encode_items(self, items: Tensor, features: Mapping[str, Tensor] = EMPTY) -> Tensor:
        """The items' scores, `[..., 1]`."""
        return self.score[items][..., None]
