"""A sequence as a weighted mean of its items' vectors."""

from typing import final

import polars as pl
import torch
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.nn.histories import Items
from recsys.ops import vocabulary
from recsys.types import ColumnType, Positive, PositiveInt


@final
class Attention(Encoder):
    """The mean of the items' learned vectors v_i, item i weighing softmax_i(<q, tanh(W v_i)>).

    Lin et al. 2017, "A Structured Self-Attentive Sentence Embedding", eq. 5, with a learned query q that is
    zero at the start, so that it begins as the mean. Here the vector of a sequence is the same for all
    candidates: what weighs items by the candidate (the target attention of DIN, Zhou et al. 2018) is part of a
    model.

    Items that training did not see share one learned vector. A sequence without items has a learned vector of
    its own.

    Args:
        dim: length of the vectors; None takes what the model asks for.
        init_std: standard deviation of the normal distribution that the vectors are drawn from.
    """

    accepts = frozenset[ColumnType]({"sequence"})

    def __init__(self, *, dim: PositiveInt | None = None, init_std: Positive = 0.05) -> None:
        self.dim, self.init_std = dim, init_std

    def fit(self, values: pl.Series) -> State:
        """The items of training, ascending."""
        return {"items": vocabulary.learn(values)}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """Never called: a sequence holds item indices already."""
        raise NotImplementedError("a sequence is read as it is")

    def module(self, state: State, dim: int) -> nn.Module:
        """From `[..., L]` item indices, -1 where there is none, to `[..., dim]`."""
        return _Attention(Items(state["items"], self.dim or dim, self.init_std))


class _Attention(nn.Module):
    def __init__(self, items: Items) -> None:
        super().__init__()
        self.items, self.width = items, items.width
        self.keys = nn.Linear(self.width, self.width, bias=False)
        self.query = nn.Parameter(torch.zeros(self.width))

    def forward(self, items: Tensor) -> Tensor:
        vectors, there = self.items(items)
        scores = self.keys(vectors).tanh() @ self.query
        shares = scores.masked_fill(~there, torch.finfo(scores.dtype).min).softmax(-1)
        return self.items.or_empty((shares.unsqueeze(-1) * vectors).sum(-2), there)
