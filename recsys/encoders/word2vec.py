"""A text as the mean of word vectors that are trained on the catalogue's own texts."""

from typing import final

import numpy as np
import polars as pl
import torch
from torch import Tensor, nn

from recsys.encoders import Encoder, State
from recsys.nn.same import Same
from recsys.ops.skipgram import Settings, train
from recsys.ops.words import words
from recsys.types import ColumnType, NonNegativeInt, Positive, PositiveInt


@final
class Word2Vec(Encoder):
    """The mean of the vectors of a text's words, beside a 1 where it has none that training knows.

    Skip-gram with negative sampling (`recsys.ops.skipgram`: Mikolov et al. 2013), on the distinct texts of the
    training entities; frozen afterwards. Words that training did not see, or seldom, are left out. A missing
    text, and one without a known word, has zeros and the mark.

    Args:
        dim: length of the vectors.
        window: how many words on each side are neighbours at most.
        negatives: words drawn for each pair of neighbours.
        epochs: times that the texts are gone through.
        least: words that come less often in all texts together are left out.
        rate: learning rate.
        seed: of all that is drawn; the same texts and seed give the same vectors.
    """

    accepts = frozenset[ColumnType]({"text"})

    def __init__(
        self,
        *,
        dim: PositiveInt = 64,
        window: PositiveInt = 5,
        negatives: PositiveInt = 5,
        epochs: PositiveInt = 5,
        least: PositiveInt = 2,
        rate: Positive = 0.01,
        seed: NonNegativeInt = 0,
    ) -> None:
        self.settings = Settings(dim, window, negatives, epochs, least, rate, seed)

    def fit(self, values: pl.Series) -> State:
        """The words, and their vectors `[words, dim]` float32."""
        texts = values.drop_nulls().unique().sort().to_list()
        known, vectors = train([words(text) for text in texts], self.settings)
        return {"words": known, "vectors": vectors}

    def encode(self, values: pl.Series, state: State) -> Tensor:
        """The mean vector and the mark, `[N, dim + 1]` float32."""
        place = {word: at for at, word in enumerate(state["words"])}
        known = [[place[word] for word in words(text or "") if word in place] for text in values.to_list()]
        lengths = torch.tensor([len(each) for each in known], dtype=torch.int64)
        flat = torch.from_numpy(np.array([at for each in known for at in each], dtype=np.int64))
        starts = torch.cat([torch.zeros(1, dtype=torch.int64), lengths.cumsum(0)[:-1]])[: len(lengths)]
        means = torch.zeros(len(lengths), self.settings.dim)
        if len(flat):
            means = nn.functional.embedding_bag(flat, state["vectors"], starts, mode="mean")
        return torch.cat([means, (lengths == 0).float().unsqueeze(1)], 1)

    def module(self, state: State, dim: int) -> nn.Module:
        """The numbers as they are."""
        return Same(self.settings.dim + 1)
